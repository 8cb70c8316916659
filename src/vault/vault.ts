import { KontenaError, itemInWords, type SealedItem, versionName } from '../model/index.js';
import type { Random, Store, Vault } from '../ports/index.js';
import { isUnversioned, keyedDigest, seal, unseal, unsealUnversioned } from './seal.js';

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
  const sealer = (grid: string, item: SealedItem, value: Uint8Array): ReturnType<typeof seal> => seal(key, value, place(grid, item), randomBytes);
  const open = (grid: string, { item, version }: Version, unsealed: (bytes: Uint8Array) => Buffer): Buffer => {
    const name = versionName(item, version);
    const bytes = store.sealed(grid, name);
    if (bytes === undefined) throw new KontenaError('KON_NOT_FOUND', `the vault of grid ${grid} does not keep ${name}`);
    try {
      return unsealed(bytes);
    } catch (error) {
      throw new KontenaError('KON_VAULT_SEALED', `the vault's key does not open ${itemInWords(item)} of grid ${grid}`, { cause: error });
    }
  };
  const read = (grid: string, of: Version): Buffer => open(grid, of, (bytes) => unseal(key, bytes, place(grid, of.item), of.version));
  const readUnversioned = (grid: string, of: Version): Buffer => open(grid, of, (bytes) => unsealUnversioned(key, bytes, place(grid, of.item)));
  const isOld = (grid: string, name: string): boolean => isUnversioned(store.sealed(grid, name) ?? NOTHING);

  for (const grid of store.grids()) {
    const [first] = store.sealedNames(grid);
    if (first !== undefined) (isOld(grid, first) ? readUnversioned : read)(grid, versionIn(first));
  }
  return {
    seal: (grid, item, value) => sealer(grid, item, Buffer.from(value)),
    renewed: (grid) => store.sealedNames(grid).filter((name) => isOld(grid, name)).map((name) => {
      const of = versionIn(name);
      return { name, bytes: sealer(grid, of.item, readUnversioned(grid, of))(of.version) };
    }),
    digest: (grid, item, value) => keyedDigest(key, Buffer.from(value), place(grid, item)),
    read: (grid, item, version) => read(grid, { item, version }).toString('utf8'),
  };
}

interface Version {
  readonly item: SealedItem;
  readonly version: number;
}

const NOTHING = new Uint8Array();

const place = (grid: string, { kind, name }: SealedItem): string => `${grid}/${kind}/${name}`;

/** `Secret/db-password@3` → the item, and which version of it. */
function versionIn(sealed: string): Version {
  const slash = sealed.indexOf('/');
  const at = sealed.lastIndexOf('@');
  return { item: { kind: sealed.slice(0, slash) as SealedItem['kind'], name: sealed.slice(slash + 1, at) }, version: Number(sealed.slice(at + 1)) };
}
