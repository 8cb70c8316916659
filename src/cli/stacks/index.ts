/** Stack files on their way to the master: found, read with all they depend on, declared, followed, pruned, watched. */
export { concludeDeclaration, tellApplied, tellRemoved, tellVolumes, tellWarnings } from './conclude.js';
export { type Declared, declareStacks } from './declare.js';
export { declareVolumes } from './declare-volumes.js';
export { withDescendants } from './family.js';
export { readDeclarations, stackNameOf } from './files.js';
export { fileArgument, installFlags, registryFlags, sourceFlags, strictFlag, valueFlags } from './flags.js';
export { installStack } from './install.js';
export { InstalledStacks } from './installed.js';
export { openReader } from './open-reader.js';
export { pruneStacks } from './prune.js';
export { invalid, isRefused, type StackReader } from './reader.js';
export { showRegistryStacks } from './registry-list.js';
export { findRegistry, missingSource, requireRegistry } from './registry.js';
export { givenValues, writeValues } from './values.js';
export { watchStacks } from './watch-directory.js';
export type { Wish } from './wish.js';
