import { KontenaError, itemInWords, type VaultItem, versionName } from '../model/index.js';
import type { Random, Store, Vault } from '../ports/index.js';
import { keyedDigest, seal, unseal } from './seal.js';

export interface VaultParts {
  readonly key: Uint8Array;
  readonly store: Pick<Store, 'sealed' | 'sealedNames' | 'grids'>;
  readonly random: Random;
}

/**
 * The vault upon what a store keeps sealed.
 *
 * @throws KontenaError KON_VAULT_SEALED when the key is another than the one that sealed what is there
 */
export function openVault({ key, store, random }: VaultParts): Vault {
  const randomBytes = (count: number): Buffer => Buffer.from(random.secret(count), 'base64url');
  const open = (grid: string, item: VaultItem, name: string): string => {
    const bytes = store.sealed(grid, name);
    if (bytes === undefined) throw new KontenaError('KON_NOT_FOUND', `the vault of grid ${grid} does not keep ${name}`);
    try {
      return unseal(key, bytes, place(grid, item)).toString('utf8');
    } catch (error) {
      throw new KontenaError('KON_VAULT_SEALED', `the vault's key does not open ${itemInWords(item)} of grid ${grid}`, { cause: error });
    }
  };
  for (const grid of store.grids()) {
    const [first] = store.sealedNames(grid);
    if (first !== undefined) open(grid, itemIn(first), first);
  }
  return {
    seal: (grid, item, value) => seal(key, Buffer.from(value), place(grid, item), randomBytes),
    digest: (grid, item, value) => keyedDigest(key, Buffer.from(value), place(grid, item)),
    read: (grid, item, version) => open(grid, item, versionName(item, version)),
  };
}

const place = (grid: string, { kind, name }: VaultItem): string => `${grid}/${kind}/${name}`;

/** `Secret/db-password@3` → the item it is a version of. */
function itemIn(sealed: string): VaultItem {
  const slash = sealed.indexOf('/');
  return { kind: sealed.slice(0, slash) as VaultItem['kind'], name: sealed.slice(slash + 1, sealed.lastIndexOf('@')) };
}
