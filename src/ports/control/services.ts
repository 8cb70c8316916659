import type { Actions } from './actions.js';
import type { Applied } from './stacks.js';

/** What a person does with a service that is declared. Starting and stopping are a state, the others a new round of its instances. */
export type Verb = 'start' | 'stop' | 'restart' | 'redeploy';

/** What a person changes in a hurry; absent, it stays as it is. */
export interface ServiceChange {
  readonly image?: string;
  /** `NAME=value`, each set or added. */
  readonly env?: readonly string[];
  /** Names of variables that are taken away. */
  readonly unset?: readonly string[];
  readonly instances?: number;
}

export interface ServiceCalls {
  /** @throws KON_NOT_FOUND, KON_INVALID */
  scale(grid: string, service: string, instances: number): Promise<Applied>;
  /** Until the file of its stack is next applied. @throws KON_NOT_FOUND, KON_INVALID */
  update(grid: string, service: string, change: ServiceChange): Promise<Applied>;
  /** @throws KON_NOT_FOUND, KON_CONFLICT for a new round of what is stopped */
  operate(grid: string, service: string, verb: Verb): Promise<Applied>;
}

export const SERVICE_ACTIONS: Actions<ServiceCalls> = {
  scale: { action: 'service.scale', isChange: true },
  update: { action: 'service.update', isChange: true },
  operate: { action: (_grid, _service, verb) => `service.${verb}`, isChange: true },
};
