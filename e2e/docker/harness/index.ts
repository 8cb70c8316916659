/** Real machines for tests: three Docker Engines, each in a network namespace of its own, a registry, and a Kontena cluster on them. */
export { openBed, type Bed } from './bed.js';
export type { Engine } from './engine.js';
export { Load } from './load.js';
export { putBehindNat, setCable } from './network.js';
export { killAllWith, processesWith, signal } from './processes.js';
export { eventually, must, run, sleep, start, type Ended } from './shell.js';
export { Cluster, filesOf, type Instance, type StackFile } from './cluster.js';
export { environment, KONTENACTL, kontenactl } from './kontenactl.js';
