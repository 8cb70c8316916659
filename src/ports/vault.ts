import type { SealedItem } from '../model/index.js';
import type { SealedChange } from './store.js';

/** Seals what must not be read from the disk, and opens it again. */
export interface Vault {
  readonly keys: VaultKeys;
  /** Takes what chance it needs now, so that what it returns is pure: the bytes, which open only as that version of this item of this grid. */
  seal(grid: string, item: SealedItem, value: string): (version: number) => Uint8Array;
  /** What was sealed by a former key, or by older masters without its version, as it is sealed now. */
  renewed(grid: string): readonly SealedChange[];
  /** Keyed digest in hex: tells whether a value is the same, not what it is. */
  digest(grid: string, item: SealedItem, value: string): string;
  /** @throws KontenaError KON_NOT_FOUND when that version is not kept, KON_VAULT_SEALED when the key does not open it */
  read(grid: string, item: SealedItem, version: number): string;
}

/** The keys of a vault. */
export interface VaultKeys {
  /** The newest first, which alone seals; others are there while something is sealed with them. */
  readonly all: readonly [newest: Uint8Array, ...former: Uint8Array[]];
  /** Has a new key seal from now on; it is on disk before. */
  renew(): Promise<void>;
  /** Forgets all but the newest, here and on the disk: for when it opens everything. */
  forgetFormer(): Promise<void>;
  /** Does work while nobody else who asks so changes the keys, or copies them with what they sealed. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}
