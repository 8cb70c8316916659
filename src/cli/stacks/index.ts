/** Stack files on their way to the master: found, read with all they depend on, pruned, watched. */
export { noLongerWanted, valuesWithChildren, withDescendants } from './family.js';
export { readDeclarations, stackNameOf } from './files.js';
export { pruneStacks } from './prune.js';
export { prompterFor } from './prompter.js';
export { invalid, isRefused, StackReader } from './reader.js';
export type { Wish } from './wish.js';
export { findRegistry, missingSource, type RegistryFlags } from './registry.js';
export { treeLines } from './tree.js';
export { watchStacks } from './watch-directory.js';
