/** A directory of stack files that are declared state. Speaks to the master through Control only, wherever it runs. */
export { type WatchedDirectory, watchDirectory } from './watch-directory.js';
export { stackReader } from './stack-reader.js';
