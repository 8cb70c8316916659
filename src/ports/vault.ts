import type { SealedItem } from '../model/index.js';
import type { SealedChange } from './store.js';

/** Seals what must not be read from the disk, and opens it again. */
export interface Vault {
  /** Takes what chance it needs now, so that what it returns is pure: the bytes, which open only as that version of this item of this grid. */
  seal(grid: string, item: SealedItem, value: string): (version: number) => Uint8Array;
  /** What older masters sealed without its version, sealed anew: nothing else opens it. */
  renewed(grid: string): readonly SealedChange[];
  /** Keyed digest in hex: tells whether a value is the same, not what it is. */
  digest(grid: string, item: SealedItem, value: string): string;
  /** @throws KontenaError KON_NOT_FOUND when that version is not kept, KON_VAULT_SEALED when the key does not open it */
  read(grid: string, item: SealedItem, version: number): string;
}
