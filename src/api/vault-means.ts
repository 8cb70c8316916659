import type { Store, Vault } from '../ports/index.js';

/** What is needed of the master to keep something sealed. */
export interface VaultMeans {
  readonly store: Store;
  readonly vault: Vault;
}
