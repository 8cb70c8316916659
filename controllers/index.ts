/** The deciders: pure, one folder each. Deleting a folder and its line here takes its part out of the whole. */
import type { Controller } from '../src/reconcile/index.js';
import { certificates } from './certificates/index.js';
import { hooks } from './hooks/index.js';
import { loadBalancer } from './load-balancer/index.js';
import { network } from './network/index.js';
import { nodeHealth } from './node-health/index.js';
import { rollout } from './rollout/index.js';
import { scheduler } from './scheduler/index.js';
import { stack } from './stack/index.js';
import { volume } from './volume/index.js';

/** Every controller there is. They meet only in the store, so their order says nothing. */
export const CONTROLLERS: readonly Controller[] = [stack, rollout, scheduler, hooks, volume, nodeHealth, network, loadBalancer, certificates];
