import {
  balancingUses, type Bodies, type Change, drop, itemInWords, isSecretName, KontenaError, LONGEST_SECRET_BYTES, opened, put, type Revision, SEALED_KINDS, type SealedItem, type VaultItem, versionName,
} from '../model/index.js';
import type { Author, CertificateBundle, Kept, Random, SealedChange, SecretWrite, Vault, VaultCalls, View } from '../ports/index.js';
import type { AuthorIn } from './author-in.js';
import { requestCertificate } from './certificate-requests.js';
import { bundleText, parseBundle, splitBundle } from './certificates.js';
import { withoutKind } from './names.js';
import { notFound } from './not-found.js';
import { requireGrid } from './require-grid.js';
import { rotateVaultKey } from './vault-key.js';
import type { VaultMeans } from './vault-means.js';
import { usersOf } from './vault-users.js';

/** What may be asked of the vault. */
export const vaultCalls = (means: VaultMeans & { readonly random: Random }, author: AuthorIn): VaultCalls => ({
  writeSecret: (grid, request) => writeSecret(means, author(grid), request),
  readSecret: (grid, name) => readSecret(means, grid, name),
  writeCertificate: (grid, bundle, subject) => writeCertificate(means, author(grid), bundle, subject),
  readCertificate: (grid, subject) => readCertificate(means, grid, subject),
  requestCertificate: (grid, request) => requestCertificate(means, author(grid), request),
  rotateKey: async () => ({ sealed: await rotateVaultKey(means, author) }),
});

/** A value made ready before it is decided whether it is kept: to seal takes chance, and to decide may not. */
export interface ReadyValue<Item extends SealedItem = SealedItem> {
  readonly item: Item;
  readonly digest: string;
  readonly bytesOf: (version: number) => Uint8Array;
  readonly bodyOf: (known: { readonly version: number; readonly digest: string }) => Change;
}

/** What keeping a value comes to: nothing to do where it is kept so already. */
interface Keeping {
  readonly item: SealedItem;
  readonly version: number;
  readonly steps: readonly Change[];
  readonly sealed: readonly SealedChange[];
}

/** @throws KontenaError KON_INVALID when it can be no secret */
export function readySecret({ vault }: Pick<VaultMeans, 'vault'>, grid: string, name: string, value: string): ReadyValue<VaultItem> {
  if (!isSecretName(name)) throw new KontenaError('KON_INVALID', `"${name}" cannot name a secret: letters, digits, "_", "-" and "." can, and at most 200 of them`);
  if (value === '') throw new KontenaError('KON_INVALID', `secret ${name} has no value: an empty one is none`);
  const bytes = Buffer.byteLength(value);
  if (bytes > LONGEST_SECRET_BYTES) throw new KontenaError('KON_INVALID', `secret ${name} has ${bytes} bytes; ${LONGEST_SECRET_BYTES} are allowed`);
  if (value.includes('\0')) throw new KontenaError('KON_INVALID', `secret ${name} holds a NUL character, which no environment can`);
  return { ...readySealed<VaultItem>(vault, grid, { kind: 'Secret', name }, value), bodyOf: (body) => put('Secret', name, body, 'written to the vault') };
}

/** Of a value, all but what its record says besides. */
export const readySealed = <Item extends SealedItem>(vault: Vault, grid: string, item: Item, value: string): Omit<ReadyValue<Item>, 'bodyOf'> => ({
  item, digest: vault.digest(grid, item, value), bytesOf: vault.seal(grid, item, value),
});

/** A new version for a new value; nothing for the one that is there. */
export function keep({ item, digest, bytesOf, bodyOf }: ReadyValue, view: View): Keeping {
  const known = view.get(item.kind, item.name)?.body;
  if (known?.digest === digest) return { item, version: known.version, steps: [], sealed: [] };
  // A name that was used before must not meet an older version of its own.
  const version = Math.max(known?.version ?? 0, newestOpened(item, view)) + 1;
  return { item, version, steps: [bodyOf({ version, digest })], sealed: [{ name: versionName(item, version), bytes: bytesOf(version) }] };
}

/** What is sealed with new versions, and erased: what nobody opens any more. @param names of all that is sealed in the grid */
export function sealing(kept: readonly Keeping[], names: readonly string[], view: View): readonly SealedChange[] {
  const replaced = new Set(kept.filter(({ steps }) => steps.length > 0).map(({ item }) => versionPrefix(item)));
  return [...erasures(names, view, replaced), ...kept.flatMap(({ sealed }) => sealed)];
}

/** @throws KontenaError KON_INVALID, KON_CONFLICT, KON_NOT_FOUND */
async function writeSecret(means: VaultMeans, author: Author, { name, value, only }: SecretWrite): Promise<Kept> {
  const made = readySecret(means, author.grid, name, value);
  return write(means, author, made, (view) => {
    const isKnown = view.get('Secret', name) !== undefined;
    if (only === 'new' && isKnown) throw new KontenaError('KON_CONFLICT', `secret ${name} is in the vault of grid ${view.grid} already: \`kontenactl vault update ${name}\` changes it`);
    if (only === 'known' && !isKnown) throw missing({ kind: 'Secret', name }, view);
    return [];
  });
}

/** @throws KontenaError KON_NOT_FOUND, KON_VAULT_SEALED */
export function readSecret(means: VaultMeans, grid: string, typed: string): Promise<string> {
  return asked(() => read(means, grid, { kind: 'Secret', name: withoutKind('secret', typed) }));
}

/** Imports one by hand: from now on none is ordered in its place. @throws KontenaError KON_INVALID */
async function writeCertificate(means: VaultMeans, author: Author, bundle: CertificateBundle, subject?: string): Promise<Kept> {
  const made = readyCertificate(means, author.grid, bundle, { subject, why: 'imported into the vault' });
  const { name } = made.item;
  return write(means, author, made, (view) => (view.get('CertificateRequest', name) === undefined ? [] : [drop('CertificateRequest', name, 'imported by hand')]));
}

/** Keeps what an authority issued, unless nobody wants it any more. @throws KontenaError KON_INVALID */
export async function writeIssued(means: VaultMeans, author: Author, bundle: CertificateBundle, subject: string): Promise<void> {
  const made = readyCertificate(means, author.grid, bundle, { subject, why: 'issued by its authority' });
  const names = means.store.sealedNames(author.grid);
  await means.store.update(author, (view) => {
    if (view.get('Renewal', subject)?.body.order === undefined) return { steps: [] };
    const kept = keep(made, view);
    return { ...kept, sealed: sealing([kept], names, view) };
  });
}

function readyCertificate({ vault }: VaultMeans, grid: string, bundle: CertificateBundle, { subject, why }: { readonly subject: string | undefined; readonly why: string }): ReadyValue<VaultItem> {
  const { names, expiresAt, startsAt } = parseBundle(bundle);
  const name = subject ?? names[0] ?? '';
  if (!names.includes(name)) throw new KontenaError('KON_INVALID', `the certificate is not made out to ${name}, but to ${names.join(', ') || 'nobody'}`);
  return { ...readySealed<VaultItem>(vault, grid, { kind: 'Certificate', name }, bundleText(bundle)), bodyOf: (body) => put('Certificate', name, { ...body, names, expiresAt, startsAt }, why) };
}

/** @throws KontenaError KON_NOT_FOUND, KON_VAULT_SEALED */
function readCertificate(means: VaultMeans, grid: string, typed: string): Promise<CertificateBundle> {
  return asked(() => splitBundle(read(means, grid, { kind: 'Certificate', name: withoutKind('certificate', typed) })));
}

/** @throws KontenaError KON_NOT_FOUND, KON_CONFLICT while a declared service opens it */
export async function removeFromVault({ store }: VaultMeans, author: Author, item: VaultItem): Promise<{ readonly revision: Revision }> {
  const names = store.sealedNames(author.grid);
  const { revision } = await store.update(author, (view) => {
    requireGrid(view);
    const isRequested = item.kind === 'Certificate' && view.get('CertificateRequest', item.name) !== undefined;
    if (view.get(item.kind, item.name) === undefined && !isRequested) throw missing(item, view);
    const users = usersOf(item, view);
    if (users.length > 0) throw new KontenaError('KON_CONFLICT', `${itemInWords(item)} cannot be removed: ${users.join(', ')} ${users.length === 1 ? 'opens' : 'open'} it`);
    const kinds = [...(view.get(item.kind, item.name) === undefined ? [] : [item.kind]), ...(isRequested ? ['CertificateRequest' as const] : [])];
    return { steps: kinds.map((kind) => drop(kind, item.name, 'removed from the vault')), sealed: erasures(names, view, new Set([versionPrefix(item)])) };
  });
  return { revision };
}

/**
 * Erases versions that nobody opens any more, and seals anew what an older master sealed, or a key that is being changed.
 * For a start: what is dropped while the master runs is erased with the next write.
 */
export async function sweepVault({ store, vault }: VaultMeans): Promise<void> {
  for (const grid of store.grids()) {
    const names = store.sealedNames(grid);
    const renewed = vault.renewed(grid);
    if (names.length > 0) await store.update({ writer: 'api', grid }, (view) => ({ steps: [], sealed: [...renewed, ...erasures(names, view)] }));
  }
}

/** @param besides refuses, or says what else is recorded with it */
async function write({ store }: VaultMeans, author: Author, made: ReadyValue<VaultItem>, besides: (view: View) => readonly Change[]): Promise<Kept> {
  const names = store.sealedNames(author.grid);
  const { plan, revision } = await store.update(author, (view) => {
    requireGrid(view);
    const more = besides(view);
    const kept = keep(made, view);
    return {
      ...kept, steps: [...kept.steps, ...more], sealed: sealing([kept], names, view), isChanged: kept.steps.length > 0,
      usedBy: usersOf(made.item, view), before: view.get(made.item.kind, made.item.name)?.revision,
    };
  });
  const { isChanged } = plan;
  return { name: made.item.name, version: plan.version, revision: isChanged ? revision : (plan.before ?? revision), isChanged, usedBy: plan.usedBy };
}

/** An answer, or a refusal, as one who asks over a wire gets it. */
const asked = <T>(look: () => T): Promise<T> => new Promise((resolve) => resolve(look()));

function read({ store, vault }: VaultMeans, grid: string, item: VaultItem): string {
  const view = store.view(grid);
  requireGrid(view);
  const known = view.get(item.kind, item.name);
  if (known === undefined) throw missing(item, view);
  return vault.read(grid, item, known.body.version);
}

const missing = ({ kind, name }: VaultItem, view: View): KontenaError =>
  notFound({ what: kind.toLowerCase(), typed: name, grid: view.grid, known: view.list(kind).map((entry) => entry.name) });

const versionPrefix = ({ kind, name }: SealedItem): string => `${kind}/${name}@`;

/** Of the sealed `names`, those that no service opens; the newest version of each item is kept too, unless it is `superseded` just now. */
function erasures(names: readonly string[], view: View, superseded: ReadonlySet<string> = new Set()): readonly SealedChange[] {
  const newest = SEALED_KINDS.flatMap((kind) => view.list(kind).map(({ name, body }) => ({ kind, name, version: body.version })));
  const kept = newest.filter((item) => !superseded.has(versionPrefix(item)));
  const needed = new Set([...kept, ...openedVersions(view)].map(({ version, ...item }) => versionName(item, version)));
  return names.filter((name) => !needed.has(name)).map((name) => ({ name, bytes: undefined }));
}

/** Every version that a service or a route opens, those on their way out too. */
const openedVersions = (view: View): readonly (VaultItem & Pick<Bodies['Secret'], 'version'>)[] =>
  [...view.list('Service').flatMap(({ body }) => opened(body.spec)), ...view.list('Route').flatMap(({ body }) => balancingUses({ route: body.spec }))]
    .flatMap(({ kind, name, version }) => (version === undefined ? [] : [{ kind, name, version }]));

const newestOpened = (item: SealedItem, view: View): number =>
  Math.max(0, ...openedVersions(view).filter(({ kind, name }) => kind === item.kind && name === item.name).map(({ version }) => version));
