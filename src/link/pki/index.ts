/** Keys and certificates: the master's own authority, and what it signs. @peculiar/x509 lives here. */
export { certificateRequest, fingerprintOfKey, type Identity, keyFingerprint, lifeOf, machineIn, newKey, ROLES, type Role, SERVER_NAME } from './certificates.js';
export { identityIn, makeDirectory, readText, writeIdentity, writeText } from './files.js';
export { checkPki } from './check-pki.js';
export { DEFAULT_LIFETIMES, type Lifetimes, MasterPki } from './master-pki.js';
