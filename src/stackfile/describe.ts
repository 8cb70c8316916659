import { Mistakes } from './text/mistakes.js';
import { child, textOf } from './text/node.js';
import { rawText } from './text/raw.js';
import { parseYaml } from './text/yaml.js';

/** What a stack file says of itself: the first line of `description`. Empty when there is none, or the file cannot be read. */
export function descriptionOf(text: string): string {
  const { source, options } = rawText({ name: 'kontena.yml', text });
  const said = textOf(child(parseYaml(source, new Mistakes(), options), 'description'));
  return said?.trim().split('\n')[0] ?? '';
}
