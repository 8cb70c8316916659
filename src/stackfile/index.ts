/** Stack files: read, checked and understood here, from text to what the master stores; yaml, liquidjs and ajv live here. */
export { checkStack } from './check-stack.js';
export { childrenOf } from './children.js';
export { clusterOf } from './cluster.js';
export { convertCompose } from './convert/index.js';
export type { Dependency } from './dependencies.js';
export { descriptionOf } from './describe.js';
export { formatMistakes } from './format.js';
export { initialStackFile } from './init.js';
export type { Files } from './files.js';
export { placeMistakes } from './place.js';
export { readStack, type ReadOptions, type ReadResult } from './read.js';
export { stackSchema } from './schema.js';
export { withTag } from './service/api.js';
export { writtenService } from './service/written.js';
export { keptValues } from './variables/kept.js';
export type { Answer, Cluster, Prompter, Question } from './variables/outside.js';
export type { Value } from './variables/value.js';
export { readTextFile, realPath } from './read-text-file.js';
