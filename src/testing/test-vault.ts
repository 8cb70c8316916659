import type { Store, Vault } from '../ports/index.js';
import { openVault } from '../vault/index.js';
import { FakeRandom } from './fake-random.js';
import { FakeVaultKeys } from './fake-vault-keys.js';

/** A vault whose keys are known, upon any store. */
export const testVault = (store: Store, keys = new FakeVaultKeys()): Vault => openVault({ keys, store, random: new FakeRandom() });
