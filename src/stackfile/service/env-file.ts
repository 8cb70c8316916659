import type { Mistakes, Path } from '../text/mistakes.js';
import { scalarNode, type ScalarNode } from '../text/node.js';
import type { Place, SourceFile } from '../text/source.js';
import { assignmentOf } from './units.js';

/**
 * The lines of an env file as `NAME=value`, without blank ones, comments, and `export ` before a name. Values are taken
 * as they stand, as the engine's own `--env-file` takes them. What is odd is told by its line and name, never by its
 * value: whatever is called an env file may be a key.
 *
 * @param at where the stack file mentions it
 */
export function envFileItems({ name: file, text }: SourceFile, at: Place, path: Path, mistakes: Mistakes): readonly ScalarNode[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim().replace(/^export[ \t]+/, '');
    if (line === '' || line.startsWith('#')) return [];
    const where = `line ${String(index + 1)} of ${file}`;
    if (!line.includes('=')) {
      mistakes.error(at, path, `${where} is not NAME=VALUE`);
      return [];
    }
    const [name, value] = assignmentOf(line);
    const quote = quoteAround(value);
    if (quote !== undefined) mistakes.warn(at, path, `${where}: the value of ${/^\w+$/.test(name) ? name : 'that'} is passed with the quotation marks around it, as ${quote}…${quote}`, { hint: 'leave them out: a value needs none, whatever it holds' });
    return [scalarNode(line, at)];
  });
}

const quoteAround = (value: string): string | undefined => /^(["']).*\1$/.exec(value)?.[1];
