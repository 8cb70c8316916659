/** The history of what is desired, the weather of what is observed, and the records in memory. SQLite lives here. */
export { KEEP_DECISIONS_MS, keepCompact } from './keep-compact.js';
export { openAudit } from './open-audit.js';
export { openStore, raiseEpoch } from './open-store.js';
