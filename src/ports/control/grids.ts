import type { Revision } from '../../model/index.js';
import { type Actions, onNamed } from './actions.js';

/** What people decide about a grid; absent, it stays as it is. */
export interface GridChange {
  /** `host:port` of the statsd that its nodes tell their statistics; none when empty. */
  readonly statsd?: string;
  /** Of services that declare none, as in a stack file; none when empty. */
  readonly defaultAffinity?: readonly string[];
}

export interface GridRequest extends GridChange {
  readonly name: string;
  /** Where none is named, the next that is free. */
  readonly subnet?: string;
  readonly nodePrefix?: number;
}

export interface NewGrid {
  readonly name: string;
  readonly subnet: string;
  /** How large a part of it each node has: 24 is 256 addresses. */
  readonly nodePrefix: number;
  readonly revision: Revision;
}

export interface GridCalls {
  /** @throws KON_INVALID, KON_CONFLICT when the name or the subnet is taken */
  create(request: GridRequest): Promise<NewGrid>;
  /** @throws KON_NOT_FOUND, KON_INVALID */
  update(grid: string, change: GridChange): Promise<{ readonly revision: Revision }>;
}

export const GRID_ACTIONS: Actions<GridCalls> = {
  create: { action: 'grid.create', isChange: true, on: onNamed },
  update: { action: 'grid.update', isChange: true, on: (grid) => ({ grid, kind: 'grid', name: grid }), detail: (_grid, change) => Object.entries(change).map(([what, to]: readonly [string, string | readonly string[]]) => `${what} ${to.length === 0 ? 'none' : String(to)}`).join(', ') },
};
