import { isLeftAlone } from '../text/interpolate.js';
import type { Place, SourceFile } from '../text/source.js';

/** `$NAME` and `${NAME}`, or what stands in `{{ … }}`. */
const WRITTEN = /(?<!\$)\$(?!\$)\{?(\w+)|\{\{([^}]*)/g;

/** The first place where a file writes a variable into what follows it, by any of its `names`; undefined when it never does. Comments do not count. */
export function placeInClear(file: SourceFile, names: ReadonlySet<string>): Place | undefined {
  let offset = 0;
  for (const line of file.text.split('\n')) {
    const match = /^\s*#/.test(line) || isLeftAlone(line) ? undefined : [...line.matchAll(WRITTEN)].find((written) => wordsIn(written).some((word) => names.has(word)));
    if (match !== undefined) return { file, offset: offset + match.index, length: match[0].trimEnd().length };
    offset += line.length + 1;
  }
  return undefined;
}

const wordsIn = ([, reference, template = '']: RegExpMatchArray): readonly string[] => (reference === undefined ? (template.match(/\w+/g) ?? []) : [reference]);
