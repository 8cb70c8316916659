import { KontenaError, itemInWords, type SealedItem, versionName } from '../model/index.js';
import type { Random, Store, Vault, VaultKeys } from '../ports/index.js';
import { isSealedWith, isUnversioned, keyedDigest, resealed, seal, unseal, unsealUnversioned } from './seal.js';

export interface VaultParts {
  readonly keys: VaultKeys;
  readonly store: Pick<Store, 'sealed' | 'sealedNames' | 'grids'>;
  readonly random: Random;
}

/**
 * The vault upon what a store keeps sealed.
 *
 * @throws KontenaError KON_VAULT_SEALED when the keys are others than the one that sealed what is there
 */
export function openVault({ keys, store, random }: VaultParts): Vault {
  const randomBytes = (count: number): Buffer => Buffer.from(random.secret(count), 'base64url');
  const sealer = (grid: string, item: SealedItem, value: Uint8Array): ReturnType<typeof seal> => seal(() => keys.all[0], value, place(grid, item), randomBytes);
  const open = <T>(grid: string, { item, version }: Version, opened: (bytes: Uint8Array, about: string) => T): T => {
    const name = versionName(item, version);
    const bytes = store.sealed(grid, name);
    if (bytes === undefined) throw new KontenaError('KON_NOT_FOUND', `the vault of grid ${grid} does not keep ${name}`);
    try {
      return opened(bytes, place(grid, item));
    } catch (error) {
      throw new KontenaError('KON_VAULT_SEALED', `the vault's key does not open ${itemInWords(item)} of grid ${grid}`, { cause: error });
    }
  };
  const read = (grid: string, of: Version): Buffer => open(grid, of, (bytes, about) => unseal(keys.all, bytes, about, of.version));

  /** Undefined where it is sealed as it would be now. */
  const renewed = (grid: string, of: Version): Uint8Array | undefined => open(grid, of, (bytes, about) => {
    if (isUnversioned(bytes)) return sealer(grid, of.item, unsealUnversioned(keys.all, bytes, about))(of.version);
    return isSealedWith(keys.all[0], bytes, about) ? undefined : resealed(keys.all, bytes, { about, to: keys.all[0], random: randomBytes });
  });

  for (const grid of store.grids()) {
    const [first] = store.sealedNames(grid);
    if (first !== undefined) renewed(grid, versionIn(first));
  }
  return {
    keys,
    seal: (grid, item, value) => sealer(grid, item, Buffer.from(value)),
    renewed: (grid) => store.sealedNames(grid).flatMap((name) => {
      const bytes = renewed(grid, versionIn(name));
      return bytes === undefined ? [] : [{ name, bytes }];
    }),
    digest: (grid, item, value) => keyedDigest(keys.all[0], Buffer.from(value), place(grid, item)),
    read: (grid, item, version) => read(grid, { item, version }).toString('utf8'),
  };
}

interface Version {
  readonly item: SealedItem;
  readonly version: number;
}

const place = (grid: string, { kind, name }: SealedItem): string => `${grid}/${kind}/${name}`;

/** `Secret/db-password@3` → the item, and which version of it. */
function versionIn(sealed: string): Version {
  const slash = sealed.indexOf('/');
  const at = sealed.lastIndexOf('@');
  return { item: { kind: sealed.slice(0, slash) as SealedItem['kind'], name: sealed.slice(slash + 1, at) }, version: Number(sealed.slice(at + 1)) };
}
