/** Seals values at rest: the only place that knows the vault's keys. */
export { nextKeyFile, vaultKeys } from './key-files.js';
export { passphraseIn } from './passphrase.js';
export { openVault } from './vault.js';
