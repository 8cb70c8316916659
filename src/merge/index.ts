/** Several logs as one, in the order of time. */
export { TimeMerge } from './time-merge.js';
