import { drop, isName, isSame, KontenaError, put, type Revision, VOLUME_SCOPES, type VolumeBody } from '../model/index.js';
import type { Author, DeclaredVolume, Store, View, VolumeWrite } from '../ports/index.js';
import { notFound } from './not-found.js';
import { requireGrid } from './require-grid.js';
import { volumeUsers } from './volume-users.js';

/**
 * Declares a volume. One that is declared so already stays as it is; nothing of a volume changes.
 *
 * @throws KontenaError KON_INVALID, KON_CONFLICT when it is declared otherwise, or at all and must be new
 */
export async function declareVolume(store: Store, author: Author, { name, isNew, ...body }: VolumeWrite): Promise<DeclaredVolume> {
  const wrong = mistakeOf(name, body);
  if (wrong !== undefined) throw new KontenaError('KON_INVALID', wrong);
  const { plan, revision } = await store.update(author, (view) => {
    requireGrid(view);
    const before = view.get('Volume', name);
    if (before === undefined) return { steps: [put('Volume', name, body, 'declared')], at: undefined };
    if (isNew) throw new KontenaError('KON_CONFLICT', `volume ${name} is declared in grid ${view.grid} already`);
    if (!isSame(before.body, body)) throw new KontenaError('KON_CONFLICT', `volume ${name} is declared with ${inWords(before.body)}: this does not change, as what is on the nodes would not`);
    return { steps: [], at: before.revision };
  });
  return { name, revision: plan.at ?? revision, isNew: plan.at === undefined };
}

/**
 * Removes a volume that nobody mounts. What is on the nodes stays there.
 *
 * @throws KontenaError KON_NOT_FOUND, KON_CONFLICT while a service mounts it
 */
export async function removeVolume(store: Store, author: Author, name: string): Promise<{ readonly revision: Revision }> {
  const { revision } = await store.update(author, (view) => {
    requireVolume(name, view);
    const users = volumeUsers(name, view);
    if (users.length > 0) throw new KontenaError('KON_CONFLICT', `volume ${name} cannot be removed: ${users.join(', ')} ${users.length === 1 ? 'mounts' : 'mount'} it`);
    return { steps: [drop('Volume', name, 'removed')] };
  });
  return { revision };
}

/** @throws KontenaError KON_NOT_FOUND */
export function requireVolume(name: string, view: View): VolumeBody {
  requireGrid(view);
  const volume = view.get('Volume', name)?.body;
  if (volume === undefined) throw notFound({ what: 'volume', typed: name, grid: view.grid, known: view.list('Volume').map((entry) => entry.name) });
  return volume;
}

function mistakeOf(name: string, { scope, driver, driverOpts }: VolumeBody): string | undefined {
  if (!isName(name)) return `"${name}" cannot name a volume: letters, digits, - and _ can, and at most 63 of them`;
  if (!VOLUME_SCOPES.includes(scope)) return `the scope of volume ${name} is "${String(scope)}"; it may be ${VOLUME_SCOPES.join(', ')}`;
  if (driver === '') return `volume ${name} has no driver: that of the engines themselves is called local`;
  if (driver.includes(':')) return `the driver of volume ${name} is "${driver}": it is named without a version, as each node uses the one that it has`;
  return Object.hasOwn(driverOpts, '') ? `volume ${name} has an option without a name` : undefined;
}

function inWords({ scope, driver, driverOpts }: VolumeBody): string {
  const options = Object.entries(driverOpts).map(([name, value]) => `${name}=${value}`);
  return `scope ${scope}, driver ${driver} and ${options.length === 0 ? 'no options' : `options ${options.join(', ')}`}`;
}
