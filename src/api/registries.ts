import { drop, hostOf, isRegistryHost, KontenaError, loginText, put, type Revision, versionName } from '../model/index.js';
import type { Author, Kept, RegistryCalls, RegistryWrite, View } from '../ports/index.js';
import type { AuthorIn } from './author-in.js';
import { notFound } from './not-found.js';
import { requireGrid } from './require-grid.js';
import { keep, readySealed, type ReadyValue, sealing, type VaultMeans } from './vault.js';

/** What may be asked of the registries that images come from. */
export const registryCalls = (means: VaultMeans, author: AuthorIn): RegistryCalls => ({ write: (grid, registry) => writeRegistry(means, author(grid), registry) });

/** Keeps how a registry is asked for images. The same again changes nothing. @throws KontenaError KON_INVALID */
async function writeRegistry({ store, vault }: VaultMeans, author: Author, { host, user, password }: RegistryWrite): Promise<Kept> {
  const name = requireHost(host);
  if (user === '' || password === '') throw new KontenaError('KON_INVALID', `the login at ${name} lacks its ${user === '' ? 'user' : 'password'}`);
  const made: ReadyValue = { ...readySealed(vault, author.grid, { kind: 'Registry', name }, loginText({ user, password })), bodyOf: (body) => put('Registry', name, { ...body, user }, 'written to the vault') };
  const names = store.sealedNames(author.grid);
  const { plan, revision } = await store.update(author, (view) => {
    requireGrid(view);
    const kept = keep(made, view);
    return { ...kept, sealed: sealing([kept], names, view), before: view.get('Registry', name)?.revision };
  });
  const isChanged = plan.steps.length > 0;
  return { name, version: plan.version, revision: isChanged ? revision : (plan.before ?? revision), isChanged, usedBy: [] };
}

/** Nodes ask as everyone does from then on. @throws KontenaError KON_NOT_FOUND */
export async function removeRegistry({ store }: Pick<VaultMeans, 'store'>, author: Author, typed: string): Promise<{ readonly revision: Revision }> {
  const name = hostOf(typed);
  const names = store.sealedNames(author.grid).filter((one) => one.startsWith(versionName({ kind: 'Registry', name }, 0).slice(0, -1)));
  const { revision } = await store.update(author, (view) => {
    requireRegistry(name, view);
    return { steps: [drop('Registry', name, 'removed from the vault')], sealed: names.map((one) => ({ name: one, bytes: undefined })) };
  });
  return { revision };
}

function requireRegistry(name: string, view: View): void {
  requireGrid(view);
  if (view.get('Registry', name) === undefined) throw notFound({ what: 'external registry', typed: name, grid: view.grid, known: view.list('Registry').map((entry) => entry.name) });
}

function requireHost(typed: string): string {
  const host = hostOf(typed);
  if (!isRegistryHost(host)) throw new KontenaError('KON_INVALID', `"${typed}" is no registry: write its host, with a port where it has one of its own, as in registry.example.com:5000`);
  return host;
}
