import { put, SEALED_KINDS, type SealedItem, versionName } from '../model/index.js';
import type { Author, View } from '../ports/index.js';
import type { AuthorIn } from './author-in.js';
import type { VaultMeans } from './vault.js';

/** Has another key seal the vaults of all grids, while they are used. Resolves to how many values it seals now. */
export const rotateVaultKey = (means: VaultMeans, author: AuthorIn): Promise<number> => means.vault.keys.alone(async () => {
  await finishRotation(means, author); // one that a full disk cut short
  await means.vault.keys.renew();
  return finishRotation(means, author);
});

/**
 * Seals everything with the newest key, and forgets the others when nothing needs them any more: what was decided before
 * this one sealed has reached the store by the second time. A master that ends in between does so at its next start.
 */
export async function finishRotation(means: VaultMeans, author: AuthorIn): Promise<number> {
  const { store, vault: { keys } } = means;
  if (keys.all.length === 1) return 0;
  let count = 0;
  for (let isDone = false; !isDone;) {
    const sealed = await Promise.all(store.grids().map((grid) => reseal(means, author(grid))));
    count += sealed.reduce((sum, one) => sum + one, 0);
    isDone = sealed.every((one) => one === 0);
  }
  await keys.forgetFormer();
  return count;
}

/** The digests follow, so that what is written again is known to be the same. */
async function reseal({ store, vault }: VaultMeans, author: Author): Promise<number> {
  const { grid } = author;
  const sealed = vault.renewed(grid);
  const isKept = new Set(store.sealedNames(grid));
  const digests = new Map(newest(store.view(grid)).flatMap(({ item, version }) => {
    const name = versionName(item, version);
    return isKept.has(name) ? [[name, vault.digest(grid, item, vault.read(grid, item, version))]] : [];
  }));
  if (sealed.length > 0) await store.update(author, (view) => ({ steps: redigested(view, digests), sealed }));
  return sealed.length;
}

const newest = (view: View): readonly { readonly item: SealedItem; readonly version: number }[] =>
  SEALED_KINDS.flatMap((kind) => view.list(kind).map(({ name, body }) => ({ item: { kind, name }, version: body.version })));

const redigested = (view: View, digests: ReadonlyMap<string, string>): ReturnType<typeof put>[] => SEALED_KINDS.flatMap((kind) =>
  view.list(kind).flatMap(({ name, body }) => {
    const digest = digests.get(versionName({ kind, name }, body.version));
    return digest === undefined || digest === body.digest ? [] : [put(kind, name, { ...body, digest }, "the vault's key was changed")];
  }));
