/** Seals values at rest: the only place that knows the vault's key. */
export { vaultKey } from './key-file.js';
export { openVault } from './vault.js';
