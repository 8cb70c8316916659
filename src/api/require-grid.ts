import { KontenaError } from '../model/index.js';
import type { View } from '../ports/index.js';

/** @throws KontenaError KON_NOT_FOUND when the view is of a grid that nobody made */
export function requireGrid(view: View): void {
  if (view.get('Grid', view.grid) === undefined) throw new KontenaError('KON_NOT_FOUND', `there is no grid ${view.grid}`);
}
