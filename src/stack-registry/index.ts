/** Where stacks are kept under a name and a version: a directory, a git repository or an OCI registry. */
export { isStackReference, parseReference, type StackName } from './names.js';
export { openRegistry } from './open.js';
export type { StackRegistry } from './registry.js';
