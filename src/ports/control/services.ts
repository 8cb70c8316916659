import type { Actions } from './actions.js';
import type { Applied } from './stacks.js';

export interface ServiceCalls {
  /** @throws KON_NOT_FOUND, KON_INVALID */
  scale(grid: string, service: string, instances: number): Promise<Applied>;
}

export const SERVICE_ACTIONS: Actions<ServiceCalls> = {
  scale: { action: 'service.scale', isChange: true, on: (grid, name) => ({ grid, kind: 'service', name }), detail: (_grid, _name, instances) => `to ${instances}` },
};
