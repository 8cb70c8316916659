import { type Change, drop, put, type SealedItem, versionName } from '../../model/index.js';
import type { SealedChange, View } from '../../ports/index.js';
import { keep, readySealed, type ReadyValue, type VaultMeans } from '../vault.js';
import { FIRST_GRID } from '../first-grid.js';

/** What the master keeps of people beside the history, where it can be erased: hashes of passwords, what providers are asked with. */
const itemOf = (name: string): SealedItem => ({ kind: 'PrivateKey', name });

export const passwordOf = (user: string): string => `password/${user}`;
export const renewalOf = (session: string): string => `renewal/${session}`;
export const secretOf = (provider: string): string => `provider/${provider}`;

/** A value made ready to be kept in the transaction that it belongs to. */
export const readyOwn = ({ vault }: Pick<VaultMeans, 'vault'>, name: string, value: string): ReadyValue => ({
  ...readySealed(vault, FIRST_GRID, itemOf(name), value), bodyOf: (body) => put('PrivateKey', name, body, 'kept for whoever signs in'),
});

export interface KeptOwn {
  readonly steps: readonly Change[];
  readonly sealed: readonly SealedChange[];
}

/** Several as one. */
export const together = (...parts: readonly KeptOwn[]): KeptOwn => ({ steps: parts.flatMap(({ steps }) => steps), sealed: parts.flatMap(({ sealed }) => sealed) });

/** Keeps it, and erases what was there before. */
export function keepOwn(ready: ReadyValue, view: View): KeptOwn {
  const { steps, sealed } = keep(ready, view);
  return { steps, sealed: [...(steps.length > 0 ? erased(ready.item.name, view) : []), ...sealed] };
}

export function forgetOwn(name: string, view: View): KeptOwn {
  const isThere = view.get('PrivateKey', name) !== undefined;
  return { steps: isThere ? [drop('PrivateKey', name, 'not needed any more')] : [], sealed: erased(name, view) };
}

function erased(name: string, view: View): readonly SealedChange[] {
  const known = view.get('PrivateKey', name)?.body;
  return known === undefined ? [] : [{ name: versionName(itemOf(name), known.version), bytes: undefined }];
}

/** Undefined where nothing is kept. @throws KontenaError KON_VAULT_SEALED */
export function readOwn({ store, vault }: VaultMeans, name: string): string | undefined {
  const known = store.view(FIRST_GRID).get('PrivateKey', name)?.body;
  return known === undefined ? undefined : vault.read(FIRST_GRID, itemOf(name), known.version);
}
