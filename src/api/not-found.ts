import { KontenaError, nearest } from '../model/index.js';

interface Missing {
  /** `service`, or `stack or service` where a name may mean either. */
  readonly what: string;
  /** As the person wrote it. */
  readonly typed: string;
  /** Where it was looked for; absent where grids themselves were. */
  readonly grid?: string;
  /** Names that it could have been. */
  readonly known: Iterable<string>;
}

/** The refusal of a name that nothing bears, with the one that was most likely meant. */
export function notFound({ what, typed, grid, known }: Missing): KontenaError {
  const meant = nearest(typed, known);
  return new KontenaError('KON_NOT_FOUND', `there is no ${what} ${typed}${grid === undefined ? '' : ` in grid ${grid}`}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
}
