import type { Actions } from './actions.js';
import type { Applied } from './applied.js';
import type { VerbCalls } from './verbs.js';

/** What a person changes in a hurry; absent, it stays as it is. */
export interface ServiceChange {
  readonly image?: string;
  /** `NAME=value`, each set or added. */
  readonly env?: readonly string[];
  /** Names of variables that are taken away. */
  readonly unset?: readonly string[];
  readonly instances?: number;
}

/** A new round of what is stopped is refused: KON_STOPPED. */
export interface ServiceCalls extends VerbCalls {
  /** @throws KON_NOT_FOUND, KON_INVALID */
  scale(grid: string, service: string, instances: number): Promise<Applied>;
  /** Until the file of its stack is next applied. @throws KON_NOT_FOUND, KON_INVALID */
  update(grid: string, service: string, change: ServiceChange): Promise<Applied>;
}

export const SERVICE_ACTIONS: Actions<ServiceCalls> = {
  scale: { action: 'service.scale', isChange: true, on: (grid, name) => ({ grid, kind: 'service', name }), detail: (_grid, _name, instances) => `to ${instances}` },
  update: { action: 'service.update', isChange: true, on: (grid, name) => ({ grid, kind: 'service', name }) },
  start: { action: 'service.start', isChange: true, on: (grid, name) => ({ grid, kind: 'service', name }) },
  stop: { action: 'service.stop', isChange: true, on: (grid, name) => ({ grid, kind: 'service', name }) },
  restart: { action: 'service.restart', isChange: true, on: (grid, name) => ({ grid, kind: 'service', name }) },
  redeploy: { action: 'service.redeploy', isChange: true, on: (grid, name) => ({ grid, kind: 'service', name }) },
};
