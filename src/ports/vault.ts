import type { VaultItem } from '../model/index.js';

/** Seals what must not be read from the disk, and opens it again. */
export interface Vault {
  /** Bytes that open only as this item of this grid. */
  seal(grid: string, item: VaultItem, value: string): Uint8Array;
  /** Keyed digest in hex: tells whether a value is the same, not what it is. */
  digest(grid: string, item: VaultItem, value: string): string;
  /** @throws KontenaError KON_NOT_FOUND when that version is not kept, KON_VAULT_SEALED when the key does not open it */
  read(grid: string, item: VaultItem, version: number): string;
}
