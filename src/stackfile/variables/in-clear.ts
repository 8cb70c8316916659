import { isLeftAlone } from '../text/interpolate.js';
import type { Place, SourceFile } from '../text/source.js';

/** The first place where a file writes a variable into what follows it, by `$NAME`, `${NAME}` or `{{ NAME }}`; undefined when it never does. Comments do not count. */
export function placeInClear(file: SourceFile, name: string): Place | undefined {
  const literal = name.replaceAll(/\W/g, '\\$&'); // a user may call a variable anything
  const written = new RegExp(`(?<!\\$)\\$(?!\\$)\\{?${literal}\\b|\\{\\{[^}]*?\\b${literal}\\b`);
  let offset = 0;
  for (const line of file.text.split('\n')) {
    const match = /^\s*#/.test(line) || isLeftAlone(line) ? null : written.exec(line);
    if (match !== null) return { file, offset: offset + match.index, length: match[0].length };
    offset += line.length + 1;
  }
  return undefined;
}
