import { type EngineVolume, engineVolumes, type Entry, hasStopped, isPlain, KontenaError, messageOf, parseInstance, serviceRevisionName, slotNumber, slotOf } from '../model/index.js';
import type { ByteStream, Nodes, Store, VolumeAt, View } from '../ports/index.js';
import { withoutKind } from './names.js';
import { notFound } from './not-found.js';
import { requireGrid } from './require-grid.js';
import { sinkOf } from './sink.js';

interface Means {
  readonly store: Store;
  readonly nodes: Nodes;
}

/** A volume, and the node whose engine has it. */
export interface Found {
  readonly node: string;
  readonly volume: EngineVolume;
}

/** What is in a volume, as a tar. @throws KON_VOLUME_IN_USE, and as {@link findVolume} */
export async function* readData(means: Means, grid: string, { isLive, ...at }: VolumeAt & { readonly isLive: boolean }, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const found = await findVolume(means, grid, at, signal);
  if (!isLive) requireUnused(found, means.store.view(grid), 'what is written meanwhile would be half in it; --live takes it as it is');
  yield* means.nodes.readVolume({ grid, name: found.node }, found.volume.name, signal);
}

/** Where a tar goes that a volume is to hold, in place of what it holds. @throws KON_VOLUME_IN_USE, and as {@link findVolume}, when it is read */
export const writeData = (means: Means, grid: string, at: VolumeAt, signal: AbortSignal): ByteStream =>
  sinkOf(async (tar) => {
    const found = await findVolume(means, grid, at, signal);
    requireUnused(found, means.store.view(grid), 'what is in it cannot be replaced');
    requirePlain(found.volume);
    await means.nodes.writeVolume({ grid, name: found.node }, found.volume, tar, signal);
  });

/**
 * The one volume that is meant, by its declared name (`data`), with the number of a slot where slots have their own (`data.2`), by its
 * slot (`todo/db.2`), or as the engines call it. What a slot left on other nodes is meant only where the node is named.
 *
 * @throws KON_NOT_FOUND, KON_INVALID when it is several, KON_NODE_UNREACHABLE when a node that may have it cannot be asked
 */
export async function findVolume({ store, nodes }: Means, grid: string, { name, node }: VolumeAt, signal: AbortSignal): Promise<Found> {
  const typed = withoutKind('volume', name);
  const view = store.view(grid);
  requireGrid(view);
  if (node !== undefined && view.get('Node', node) === undefined) throw notFound({ what: 'node', typed: node, grid, known: view.list('Node').map((entry) => entry.name) });
  const silent: string[] = [];
  const asked = (node === undefined ? view.list('Node').map((entry) => entry.name) : [node]).map(async (one): Promise<readonly Found[]> => {
    try {
      return (await nodes.ask<'volumes'>({ grid, name: one }, { kind: 'volumes' }, signal)).map((volume) => ({ node: one, volume }));
    } catch (error) {
      silent.push(messageOf(error));
      return [];
    }
  });
  const there = (await Promise.all(asked)).flat();
  const found = there.filter((one) => isMeant(typed, one.volume) && (node !== undefined || isItsPlace(one, view)));
  if (found.length === 1) return found[0] as Found;
  if (found.length > 1) throw new KontenaError('KON_INVALID', `${typed} is several volumes: ${found.map(inWords).sort().join(', ')}; name one of them, and its node with --node where they are called the same`);
  if (silent.length > 0) throw new KontenaError('KON_NODE_UNREACHABLE', `no node that is connected has the volume ${typed}: ${silent.sort().join('; ')}`);
  throw notFound({ what: 'volume', typed, grid, known: there.flatMap(({ volume }) => [volume.name, volume.volume ?? []].flat()) });
}

const isMeant = (typed: string, { name, volume, slot }: EngineVolume): boolean =>
  [name, volume, slot, volume === undefined || slot === undefined ? undefined : `${volume}.${String(slotNumber(slot))}`].includes(typed);

/** A slot that moved may have left something where it was. */
function isItsPlace({ node, volume: { slot } }: Found, view: View): boolean {
  const place = slot === undefined ? undefined : view.get('Binding', slot)?.body.node;
  return place === undefined || place === node;
}

const inWords = ({ node, volume: { name } }: Found): string => `${name} of ${node}`;

/** @throws KON_VOLUME_IN_USE while an instance mounts it */
function requireUnused(found: Found, view: View, why: string): void {
  const user = view.instancesOn(found.node).find((instance) => mounts(instance, found.volume, view));
  if (user !== undefined) throw new KontenaError('KON_VOLUME_IN_USE', `volume ${inWords(found)} is mounted by ${user.name}: ${why}`);
}

function mounts({ name, body }: Entry<'Instance'>, { name: volume, slot }: EngineVolume, view: View): boolean {
  if (hasStopped(body, view.get('Report', name)?.body)) return false;
  if (slot !== undefined) return slotOf(name) === slot;
  const [id, spec] = [parseInstance(name), view.get('Service', serviceRevisionName(body.service, body.revision))?.body.spec];
  return id !== undefined && spec !== undefined && Object.values(engineVolumes(spec, id, (declared) => view.get('Volume', declared)?.body)).some((one) => one.name === volume);
}

/** @throws KON_INVALID for one whose data lies where its driver, or an option of it, says */
export function requirePlain(volume: EngineVolume): void {
  if (isPlain(volume)) return;
  const { name, driver, driverOpts } = volume;
  const by = driver === 'local' ? `an option of its driver (${Object.keys(driverOpts).join(', ')})` : `the driver ${driver}`;
  throw new KontenaError('KON_INVALID', `${by} says where the data of volume ${name} lies: it is neither replaced nor moved from here, but with what that storage comes with`);
}
