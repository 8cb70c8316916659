/** Files that outlast a power cut whole, and that only their owner reads. */
export { isLeftover, removeLeftovers, scratchBeside } from './leftovers.js';
export { keepPrivate, PRIVATE_UMASK } from './private.js';
export { isAtOrBehind, type Position, Ring } from './ring.js';
export { createFile, moveWhole, replaceFile, syncDirectory } from './replace-file.js';
