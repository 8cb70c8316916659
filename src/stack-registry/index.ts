/** Where stacks are kept under a name and a version: a directory, a git repository or an OCI registry. */
export { stackFetcher } from './fetcher.js';
export { fullName, isStackReference, parseReference } from './names.js';
export { openRegistry, WATCHING_LIMIT_MS } from './open.js';
export type { StackRegistry } from './registry.js';
export { searchStacks } from './search.js';
