import type { Mistake } from '../model/index.js';
import { rawDocument } from './document.js';
import { Mistakes } from './text/mistakes.js';
import { placeOf } from './text/node.js';
import { lineAndColumn, type SourceFile } from './text/source.js';

/** Mistakes that a master found in a stack, each with its line and column in the file the stack was read from, as near as its path leads. */
export function placeMistakes(file: SourceFile, mistakes: readonly Mistake[]): readonly Mistake[] {
  const root = rawDocument(file, new Mistakes());
  if (root === undefined) return mistakes;
  return mistakes.map((mistake) => (mistake.line === undefined && mistake.path !== '' ? { ...mistake, file: file.name, ...lineAndColumn(placeOf(root, partsOf(mistake.path))) } : mistake));
}

/** `services.web.links[0]` as the names and numbers it is made of. */
const partsOf = (path: string): readonly (string | number)[] =>
  path.split(/\.|(?=\[)/).map((part) => (/^\[\d+\]$/.test(part) ? Number(part.slice(1, -1)) : part));
