import { KontenaError } from '../../model/index.js';

/** Of a call that names no grid. */
const DEFAULT_GRID = 'default';

export const gridOf = ({ grid }: { readonly grid: string }): string => (grid === '' ? DEFAULT_GRID : grid);

/** One of a closed set of words. */
export function oneOf<const T extends string>(what: string, words: readonly T[], text: string): T {
  const word = words.find((one) => one === text);
  if (word !== undefined) return word;
  throw new KontenaError('KON_INVALID', `${what} is "${text}"; it may be ${words.join(', ')}`);
}
