import type { Clock, InstanceCalls, Nodes, Random, Store } from '../ports/index.js';
import { forwardPort } from './forward.js';
import { lookInside, openFiles, openProgram } from './inside.js';
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
  exec: (grid, target, signal) => openProgram(means, grid, target, signal),
  attach: (grid, name, signal) => openProgram(means, grid, { name }, signal),
  look: (grid, at, signal) => lookInside(means, grid, at, signal),
  pack: (grid, at, signal) => openFiles(means, grid, { ...at, way: 'pack' }, signal).received(),
  unpack: (grid, at, signal) => openFiles(means, grid, { ...at, way: 'unpack' }, signal),
});
