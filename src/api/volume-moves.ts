import { drop, type Entry, KontenaError, mountedVolumes, onItsWay, put, serviceOfSlot } from '../model/index.js';
import type { Author, Clock, MovedVolume, MoveState, Nodes, Store, View, VolumeAt } from '../ports/index.js';
import { Bell } from './bell.js';
import { notFound } from './not-found.js';
import { requireGrid } from './require-grid.js';
import { currentRevision } from './shapes/current-revision.js';
import { moveState } from './shapes/move.js';
import { findVolume, requirePlain } from './volume-data.js';

interface Means {
  readonly store: Store;
  readonly nodes: Nodes;
  readonly clock: Clock;
}

/**
 * Declares that the data of a slot is to lie on another node, all of its volumes together. Asked for again, it is what is under way.
 *
 * @throws KON_CONFLICT while it moves to a third node, KON_INVALID for what cannot be moved, and as {@link findVolume}
 */
export async function moveData(means: Means, author: Author, { to, ...at }: VolumeAt & { readonly to: string }, signal: AbortSignal): Promise<MovedVolume> {
  const slot = await slotMeant(means, author.grid, at, signal);
  const { plan, revision } = await means.store.update(author, (view) => {
    const from = requireMovable(slot, to, view);
    const move = view.get('Move', slot);
    const way = wayOf(slot, view);
    if (way !== undefined && way.to !== to) throw new KontenaError('KON_CONFLICT', `the data of ${slot} moves from ${way.from} to ${way.to} already: let it come there, or call that off with --cancel`);
    if (way === undefined && from === to) throw new KontenaError('KON_CONFLICT', `the data of ${slot} lies on ${to} already`);
    return { steps: way === undefined ? [put('Move', slot, { from, to, times: (move?.body.times ?? 0) + 1 }, 'asked for')] : [], from: way?.from ?? from };
  });
  return { slot, from: plan.from, to, revision };
}

/** Lets the data of a slot stay where it is, while it is not copied yet. @throws KON_CONFLICT when it does not move, or has moved; and as {@link findVolume} */
export async function callOffMove(means: Means, author: Author, at: VolumeAt, signal: AbortSignal): Promise<MovedVolume> {
  const slot = await slotMeant(means, author.grid, at, signal);
  const { plan, revision } = await means.store.update(author, (view) => {
    const way = wayOf(slot, view);
    if (way === undefined) throw new KontenaError('KON_CONFLICT', `the data of ${slot} does not move`);
    if (view.get('Transfer', slot)?.body.phase === 'copied') throw new KontenaError('KON_CONFLICT', `the data of ${slot} is on ${way.to} by now: move it back to ${way.from}`);
    return { steps: [drop('Move', slot, 'called off')], way };
  });
  return { slot, from: plan.way.from, to: plan.way.to, revision };
}

/** How far the newest move of a slot's data is, each time that changes, until it is over. @throws KON_NOT_FOUND when nobody ever moved it */
export async function* followMove({ store, clock }: Means, grid: string, slot: string, signal: AbortSignal): AsyncGenerator<MoveState> {
  requireGrid(store.view(grid));
  if (moveState(slot, store.view(grid)) === undefined) throw notFound({ what: 'move of data', typed: slot, grid, known: store.view(grid).list('Move').map(({ name }) => name) });
  const bell = new Bell(clock);
  const stop = store.watch((all) => {
    if (all.some((changed) => changed.grid === grid && (changed.name === slot || changed.name.startsWith(`${slot}@`)))) bell.ring();
  });
  let told = '';
  try {
    while (!signal.aborted) {
      const state = moveState(slot, store.view(grid)) ?? { phase: 'called-off', slot, from: '', to: '' };
      if (JSON.stringify(state) !== told) yield state;
      told = JSON.stringify(state);
      if (state.phase === 'done' || state.phase === 'failed' || state.phase === 'called-off') return;
      await bell.next(signal);
    }
  } finally {
    stop();
  }
}

const wayOf = (slot: string, view: View): ReturnType<typeof onItsWay> =>
  onItsWay({ move: view.get('Move', slot), transfer: view.get('Transfer', slot)?.body, binding: view.get('Binding', slot)?.body });

/** A slot is known by its record, also while its node is away. */
async function slotMeant(means: Means, grid: string, at: VolumeAt, signal: AbortSignal): Promise<string> {
  if (means.store.view(grid).get('Binding', at.name) !== undefined) return at.name;
  const { volume } = await findVolume(means, grid, at, signal);
  requirePlain(volume);
  if (volume.slot !== undefined) return volume.slot;
  throw new KontenaError('KON_INVALID', `volume ${volume.name} belongs to no slot, but to all that runs on its node: back it up there, and restore it on the other node`);
}

/** Where the data lies. @throws KON_NOT_FOUND, KON_INVALID, KON_CONFLICT */
function requireMovable(slot: string, to: string, view: View): string {
  const binding = view.get('Binding', slot);
  if (binding === undefined) throw notFound({ what: 'slot with data', typed: slot, grid: view.grid, known: view.list('Binding').map(({ name }) => name) });
  const service = serviceOfSlot(slot);
  const spec = currentRevision(service, view)?.entry.body.spec;
  if (spec?.stateful !== true) throw new KontenaError('KON_INVALID', `${service} is not stateful, so its instances run wherever they fit, also without their data: declare it stateful, or back the volume up and restore it`);
  if (spec.deploy.strategy === 'daemon') throw new KontenaError('KON_INVALID', `${service} runs on every node: ${slot} is ${binding.body.node}'s own`);
  const shared = mountedVolumes(spec).find((name) => (view.get('Volume', name)?.body.scope ?? 'instance') !== 'instance');
  if (shared !== undefined) throw new KontenaError('KON_INVALID', `${service} mounts volume ${shared}, which is not ${slot}'s own, and another on each node`);
  requireNode(to, view);
  return binding.body.node;
}

function requireNode(name: string, view: View): void {
  const node: Entry<'Node'> | undefined = view.get('Node', name);
  if (node === undefined) throw notFound({ what: 'node', typed: name, grid: view.grid, known: view.list('Node').map((entry) => entry.name) });
  if (node.body.availability === 'drain') throw new KontenaError('KON_CONFLICT', `${name} is drained, and takes nothing: \`kontenactl node activate ${name}\``);
}
