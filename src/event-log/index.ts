/** What happened, kept on the master's disk. */
export { EventLog } from './event-log.js';
