/** What containers write, kept on the node. */
export { LogsKeeper } from './logs-keeper.js';
