import type { Clock, InstanceCalls, Nodes, Random, Store } from '../ports/index.js';
import { forwardPort } from './forward.js';
import { readLogs } from './logs.js';

interface Means {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly nodes: Nodes;
}

/** What reaches into the containers of instances. */
export const instanceCalls = (means: Means): InstanceCalls => ({
  logs: (grid, name, query, signal) => readLogs(means, { grid, name, query }, signal),
  forward: (grid, target, signal) => forwardPort(means, grid, target, signal),
});
