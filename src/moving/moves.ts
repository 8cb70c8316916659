import { type Change, drop, type Entry, type ErrorCode, type Instant, isSame, KontenaError, later, messageOf, type Millis, put, type TransferBody } from '../model/index.js';
import type { Changed, Clock, Log, Nodes, Random, Store, View } from '../ports/index.js';
import { Loop } from '../reconcile/index.js';
import { copyVolumes, removeVolumes, volumesToMove, type Way } from './copy.js';
import { type Step, stepOf } from './step.js';

export interface MovesOptions {
  readonly store: Store;
  readonly nodes: Nodes;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Slots whose data is carried at once: each takes some of what the nodes' disks and the master's network can bear. */
const WORKERS = 2;

/** A node that does not answer is asked again so soon. */
const AGAIN_MS: Millis = 5_000;

/** What does not pass by itself. All else is waited for: nodes come back. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['KON_CONFLICT', 'KON_INVALID', 'KON_NOT_FOUND', 'KON_VOLUME_DIFFERS', 'KON_VOLUME_TAKEN', 'KON_VOLUME_IN_USE', 'KON_ENGINE_REFUSED', 'KON_AGENT_TOO_OLD']);

/** Carries out what Move says, and records in Transfer how far it is. */
export function keepMoves(options: MovesOptions): { readonly idle: () => Promise<void>; readonly stop: () => Promise<void> } {
  const moves = new Moves(options);
  return { idle: () => moves.idle(), stop: () => moves.stop() };
}

interface Slot {
  readonly grid: string;
  readonly slot: string;
}

class Moves {
  readonly #options: MovesOptions;
  readonly #loop: Loop;
  readonly #unwatch: () => void;
  /** What is being copied, and for which Move: called off when that is withdrawn. */
  readonly #copying = new Map<string, { readonly move: number; readonly over: AbortController }>();
  readonly #over = new AbortController();

  constructor(options: MovesOptions) {
    this.#options = options;
    const { store, clock, random, log } = options;
    this.#loop = new Loop({
      clock, random, workers: WORKERS,
      onError: (subject, error) => log.error('the data of a slot could not be looked after', { subject, reason: messageOf(error) }),
      reconcile: (key) => this.#reconcile(parseKey(key)),
    });
    this.#unwatch = store.watch((changed) => changed.forEach((one) => this.#notice(one)));
    for (const grid of store.grids()) for (const kind of ['Move', 'Transfer'] as const) for (const { name } of store.view(grid).list(kind)) this.#loop.enqueue(keyOf(grid, name));
  }

  idle(): Promise<void> {
    return this.#loop.idle();
  }

  /** What is under way is left as it is, and taken up by the next life. */
  stop(): Promise<void> {
    this.#unwatch();
    this.#over.abort();
    return this.#loop.stop();
  }

  #notice({ grid, kind, name }: Changed): void {
    if (kind === 'Instance' || kind === 'Report') {
      const slot = name.slice(0, name.indexOf('@'));
      if (this.#options.store.view(grid).get('Move', slot) !== undefined) this.#loop.enqueue(keyOf(grid, slot));
    }
    if (kind !== 'Move' && kind !== 'Transfer' && kind !== 'Binding') return;
    const key = keyOf(grid, name);
    const copying = this.#copying.get(key);
    if (copying !== undefined && this.#options.store.view(grid).get('Move', name)?.revision !== copying.move) copying.over.abort();
    this.#loop.enqueue(key);
  }

  async #reconcile(at: Slot): Promise<Instant | undefined> {
    const step = stepOf(at.slot, this.#options.store.view(at.grid));
    if (step.do === 'nothing' || this.#over.signal.aborted) return undefined;
    const before = step.do === 'prepare' ? step.before : step.transfer;
    try {
      await this.#record(at, before, await this.#take(at, step));
      return undefined;
    } catch (error) {
      return this.#setback(at, step, before, error);
    }
  }

  /** Takes a step, and returns what is to be recorded of it. */
  async #take({ grid, slot }: Slot, step: Exclude<Step, { do: 'nothing' }>): Promise<TransferBody | undefined> {
    const way = { nodes: this.#options.nodes, grid, signal: this.#over.signal };
    switch (step.do) {
      case 'prepare': {
        const { from, to } = step.move.body;
        const begun = step.before?.phase === 'failed' && step.before.to === to ? step.before.volumes : [];
        return { move: step.move.revision, from, to, phase: 'copying', volumes: await volumesToMove(way, { slot, from, to, begun }) };
      }
      case 'copy':
        return { ...without(step.transfer), phase: 'copied', bytes: await this.#copy({ grid, slot }, step.transfer) };
      case 'withdraw':
        await this.#remove(way, step.transfer.to, step.transfer.volumes);
        return undefined;
      case 'release': {
        const left = await this.#remove(way, step.transfer.from, step.transfer.volumes);
        return { ...without(step.transfer), phase: 'done', ...(left === undefined ? {} : { reason: left }) };
      }
    }
  }

  /** A node that is no more has nothing to be removed. */
  async #remove(way: Way, node: string, volumes: readonly string[]): Promise<string | undefined> {
    return volumes.length === 0 || this.#options.store.view(way.grid).get('Node', node) === undefined ? undefined : removeVolumes(way, node, volumes);
  }

  async #copy(at: Slot, transfer: TransferBody): Promise<number> {
    const over = new AbortController();
    const key = keyOf(at.grid, at.slot);
    this.#copying.set(key, { move: transfer.move, over });
    try {
      return await copyVolumes({ nodes: this.#options.nodes, grid: at.grid, signal: AbortSignal.any([over.signal, this.#over.signal]) }, transfer);
    } finally {
      this.#copying.delete(key);
    }
  }

  /** What does not pass by itself ends the move, and the slot stays where it was; all else is waited for, and said. */
  async #setback(at: Slot, step: Exclude<Step, { do: 'nothing' }>, before: TransferBody | undefined, error: unknown): Promise<Instant | undefined> {
    const { nodes, clock, store } = this.#options;
    if (this.#over.signal.aborted || stepOf(at.slot, store.view(at.grid)).do !== step.do) return undefined; // the next life goes on, or what called it off
    const known = step.do === 'prepare' ? waiting(step.move) : step.transfer;
    const reason = messageOf(error);
    if (isFinal(error) && (step.do === 'prepare' || step.do === 'copy')) {
      if (step.do === 'copy') await removeVolumes({ nodes, grid: at.grid, signal: this.#over.signal }, known.to, known.volumes).catch(() => undefined); // or the next try does
      await this.#record(at, before, { ...known, phase: 'failed', reason });
      return undefined;
    }
    if (!isSame(before, { ...known, reason })) await this.#record(at, before, { ...known, reason });
    return later(clock.now(), AGAIN_MS);
  }

  /** Unless something else is recorded by now, or it was called off before it was copied. */
  async #record({ grid, slot }: Slot, before: TransferBody | undefined, after: TransferBody | undefined): Promise<void> {
    await this.#options.store.update({ writer: 'mover', grid }, (view) => ({ steps: isSame(view.get('Transfer', slot)?.body, before) && isStillMeant(slot, after, view) ? [changeOf(slot, after)] : [] }));
  }
}

const isStillMeant = (slot: string, after: TransferBody | undefined, view: View): boolean => after?.phase !== 'copied' || view.get('Move', slot)?.revision === after.move;

const changeOf = (slot: string, after: TransferBody | undefined): Change =>
  after === undefined ? drop('Transfer', slot, 'it was called off') : put('Transfer', slot, after, after.reason ?? REASONS[after.phase]);

const REASONS: Readonly<Record<TransferBody['phase'], string>> = {
  waiting: 'it is to be moved',
  copying: 'nothing runs in the slot any more',
  copied: 'both nodes hold the same',
  done: 'what was on the other node is removed',
  failed: 'it cannot be moved',
};

const waiting = ({ revision, body: { from, to } }: Entry<'Move'>): TransferBody => ({ move: revision, from, to, phase: 'waiting', volumes: [] });

const without = ({ reason: _reason, ...transfer }: TransferBody): TransferBody => transfer;

const isFinal = (error: unknown): boolean => error instanceof KontenaError && FINAL.has(error.code);

const keyOf = (grid: string, slot: string): string => `${grid}:${slot}`;

function parseKey(text: string): Slot {
  const colon = text.indexOf(':');
  return { grid: text.slice(0, colon), slot: text.slice(colon + 1) };
}
