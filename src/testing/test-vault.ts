import type { Store, Vault } from '../ports/index.js';
import { openVault } from '../vault/index.js';
import { FakeRandom } from './fake-random.js';

/** A vault whose key is known, upon any store. */
export const testVault = (store: Store): Vault => openVault({ key: Buffer.alloc(32, 7), store, random: new FakeRandom() });
