import type { Revision } from '../../model/index.js';
import { type Actions, onNamed } from './actions.js';

export interface GridRequest {
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
}

export const GRID_ACTIONS: Actions<GridCalls> = {
  create: { action: 'grid.create', isChange: true, on: onNamed },
};
