import { drop, isName, isSame, KontenaError, messageOf, put, type Revision, VOLUME_SCOPES, type VolumeBody } from '../model/index.js';
import type { Author, Clock, DeclaredVolume, Nodes, RemovedVolume, Store, View, VolumeCalls, VolumeWrite } from '../ports/index.js';
import type { AuthorIn } from './author-in.js';
import { withoutKind } from './names.js';
import { notFound } from './not-found.js';
import { requireGrid } from './require-grid.js';
import { readData, writeData } from './volume-data.js';
import { callOffMove, followMove, moveData } from './volume-moves.js';
import { volumeUsers } from './volume-users.js';

interface Means {
  readonly store: Store;
  readonly nodes: Nodes;
  readonly clock: Clock;
}

/** What may be asked of volumes. */
export const volumeCalls = (means: Means, author: AuthorIn): VolumeCalls => ({
  declare: (grid, volume) => declareVolume(means.store, author(grid), volume),
  remove: async (grid, typed, { withData }, signal) => {
    const name = withoutKind('volume', typed);
    const { revision } = await removeVolume(means.store, author(grid), name);
    return { revision, ...(withData ? await removeData(means, grid, name, signal) : { removed: [], left: [] }) };
  },
  read: (grid, at, signal) => readData(means, grid, at, signal),
  write: (grid, at, signal) => writeData(means, grid, at, signal),
  move: (grid, at, signal) => moveData(means, author(grid), at, signal),
  callOff: (grid, at, signal) => callOffMove(means, author(grid), at, signal),
  follow: (grid, slot, signal) => followMove(means, grid, slot, signal),
});

/** One that is declared so already stays as it is; nothing of a volume ever changes. */
async function declareVolume(store: Store, author: Author, { name, isNew, ...body }: VolumeWrite): Promise<DeclaredVolume> {
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

/** Every node is asked, whatever is known of where it lies: a slot that moved left something behind. */
async function removeData({ store, nodes }: Pick<Means, 'store' | 'nodes'>, grid: string, volume: string, signal: AbortSignal): Promise<Pick<RemovedVolume, 'removed' | 'left'>> {
  const asked = store.view(grid).list('Node').map(async ({ name: node }): Promise<Pick<RemovedVolume, 'removed' | 'left'>> => {
    try {
      const names = (await nodes.ask<'volumes'>({ grid, name: node }, { kind: 'volumes' }, signal)).filter((one) => one.volume === volume).map(({ name }) => name);
      if (names.length === 0) return { removed: [], left: [] };
      const { removed, left } = await nodes.ask<'remove-volumes'>({ grid, name: node }, { kind: 'remove-volumes', names }, signal);
      return { removed: removed.map((name) => ({ node, name })), left: left.map((one) => ({ node, ...one })) };
    } catch (error) {
      return { removed: [], left: [{ node, reason: messageOf(error) }] };
    }
  });
  const answers = await Promise.all(asked);
  return { removed: answers.flatMap(({ removed }) => removed), left: answers.flatMap(({ left }) => left) };
}

/** @throws KontenaError KON_NOT_FOUND */
function requireVolume(name: string, view: View): void {
  requireGrid(view);
  if (view.get('Volume', name) === undefined) throw notFound({ what: 'volume', typed: name, grid: view.grid, known: view.list('Volume').map((entry) => entry.name) });
}

function mistakeOf(name: string, { scope, driver, driverOpts }: VolumeBody): string | undefined {
  if (!isName(name)) return `"${name}" cannot name a volume: letters, digits, - and _ can, and at most 63 of them`;
  if (!VOLUME_SCOPES.includes(scope)) return `the scope of volume ${name} is "${scope}"; it may be ${VOLUME_SCOPES.join(', ')}`;
  if (driver === '') return `volume ${name} has no driver: that of the engines themselves is called local`;
  if (driver.includes(':')) return `the driver of volume ${name} is "${driver}": it is named without a version, as each node uses the one that it has`;
  return Object.hasOwn(driverOpts, '') ? `volume ${name} has an option without a name` : undefined;
}

function inWords({ scope, driver, driverOpts }: VolumeBody): string {
  const options = Object.entries(driverOpts).map(([name, value]) => `${name}=${value}`);
  return `scope ${scope}, driver ${driver} and ${options.length === 0 ? 'no options' : `options ${options.join(', ')}`}`;
}
