/** What nodes say of what they use: for a day, in memory and, the coarse of it, in a ring on the master's disk. */
export { KeptStatistics } from './kept-statistics.js';
