/** The node: keeps what is assigned to it, with or without a master. */
export { Agent } from './agent.js';
export { fileMemory } from './file-memory.js';
export { fillVolume } from './fill-volume.js';
export { fileTableMemory } from './file-table-memory.js';
export { type Reset, resetNode } from './reset.js';
export { machineAddress, networkNames, tunnelKeyFile } from './network/index.js';
