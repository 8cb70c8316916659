/** How the audit log is chained, signed and checked; the only place that knows its key. */
export { auditKey } from './key-file.js';
export { sealWith } from './seal.js';
export { keyOfAudit, type KnownHead, verifyAudit } from './verify.js';
