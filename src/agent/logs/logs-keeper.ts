import { TimeMerge } from '../../merge/index.js';
import { elapsedMs, type Instant, isOfSubject, later, type LogBatch, type LogSearch, type LogStream, type LogSubject, messageOf, type Millis, parseInstance, slotOf } from '../../model/index.js';
import type { Clock, Container, Log, LogRings, OwnLog, Runtime } from '../../ports/index.js';
import { SlotLog } from './slot-log.js';

/** A removal waits no longer for what its container wrote last to be read. */
const SETTLE_MS: Millis = 10_000;
/** The log of a slot that has nothing on this node any more is kept for so long after its last line. */
const KEEP_MS: Millis = 7 * 86_400_000;
const SWEEP_EVERY_MS: Millis = 3_600_000;

export interface LogsOptions {
  readonly rings: LogRings;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly log: Log;
  /** This agent's. */
  readonly own: OwnLog;
  /** Bytes of each slot's log, unless its service says otherwise. */
  readonly maxBytes: number;
}

/** Keeps what containers write: a ring for each slot, which outlives them and the agent, and is read without the engine. */
export class LogsKeeper {
  readonly #options: LogsOptions;
  readonly #slots = new Map<string, Promise<SlotLog>>();
  /** Instances that have a container here, by their names. */
  readonly #here = new Set<string>();
  readonly #readers = new Set<(slot: string) => void>();
  #callOffSweep: () => void = () => undefined;
  #isOver = false;

  constructor(options: LogsOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#sweep();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    this.#callOffSweep();
    await Promise.all([...this.#slots.values()].map((slot) => slot.then((open) => open.stop(), () => undefined))); // one that could not be opened has nothing to stop
  }

  /** An instance's container is there, running or ended. */
  found(container: Container): void {
    this.#here.add(container.instance);
    this.#with(container.instance, (slot) => slot.found(container));
  }

  /** It is there no more. */
  gone(instance: string): void {
    if (this.#here.delete(instance)) this.#with(instance, (slot) => slot.gone(instance));
  }

  /** Resolves when what an ended container wrote is read, or that takes too long: it is about to be removed. */
  async settled(instance: string): Promise<void> {
    const { clock } = this.#options;
    const slot = this.#slots.get(slotOf(instance));
    if (slot === undefined) return;
    await new Promise<void>((resolve) => {
      const callOff = clock.at(later(clock.now(), SETTLE_MS), () => resolve());
      const end = (): void => {
        callOff();
        resolve();
      };
      slot.then((open) => open.settled(instance)).then(end, end);
    });
  }

  /** What is to stand in the log of an instance besides what its container writes. */
  note(instance: string, stream: LogStream, lines: readonly string[]): void {
    if (lines.length > 0) this.#with(instance, (slot) => slot.note(instance, stream, lines));
  }

  /** @throws KON_INVALID for what is no regular expression */
  async *read(subject: LogSubject, search: LogSearch, signal: AbortSignal): AsyncIterable<LogBatch> {
    if (subject.kind === 'agent') yield* this.#options.own.read(search, signal);
    else yield* this.#readSlots(subject, search, signal);
  }

  async *#readSlots(subject: LogSubject, search: LogSearch, signal: AbortSignal): AsyncIterable<LogBatch> {
    const round = parseInstance(subject.name)?.round;
    const merge = new TimeMerge(search.follow);
    const listen = async (name: string): Promise<void> => merge.add((await this.#slot(name)).read(search, round, signal));
    const heard = new Set<string>();
    const hear = (name: string): void => {
      if (heard.has(name) || !isOfSubject(name, subject)) return;
      heard.add(name);
      void listen(name).catch((error: unknown) => this.#options.log.warn('a log cannot be read', { slot: name, reason: messageOf(error) }));
    };
    const release = (): void => merge.release();
    const held = (await this.#options.rings.list()).map(({ name }) => name).filter((name) => isOfSubject(name, subject));
    for (const name of held) heard.add(name);
    await Promise.all(held.map(listen));
    if (search.follow) this.#readers.add(hear);
    signal.addEventListener('abort', release, { once: true });
    if (signal.aborted) release();
    try {
      yield* merge.read();
    } finally {
      this.#readers.delete(hear);
      signal.removeEventListener('abort', release);
    }
  }

  #with(instance: string, act: (slot: SlotLog) => unknown): void {
    if (this.#isOver) return;
    this.#slot(slotOf(instance)).then(act).catch((error: unknown) => this.#options.log.warn('a log cannot be kept', { instance, reason: messageOf(error) }));
  }

  #slot(name: string): Promise<SlotLog> {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const { rings, runtime, clock, log, maxBytes } = this.#options;
    const opened = rings.open(name, maxBytes).then((ring) => {
      for (const hear of this.#readers) hear(name);
      return new SlotLog({ slot: name, ring, runtime, clock, log });
    });
    opened.catch(() => this.#slots.delete(name));
    this.#slots.set(name, opened);
    return opened;
  }

  /** Removes what nobody writes to or asks for any more. */
  async #sweep(): Promise<void> {
    const { rings, clock, log } = this.#options;
    const slotsHere = new Set([...this.#here].map(slotOf));
    const old: Instant = later(clock.wall(), -KEEP_MS);
    try {
      for (const { name, writtenMs } of await rings.list()) {
        if (slotsHere.has(name) || elapsedMs(writtenMs as Instant, old) < 0 || !name.includes('/')) continue;
        const open = await this.#slots.get(name);
        this.#slots.delete(name);
        await open?.stop();
        await rings.remove(name);
      }
    } catch (error) {
      log.warn('logs that nobody needs cannot be removed', { reason: messageOf(error) });
    }
    if (!this.#isOver) this.#callOffSweep = clock.at(later(clock.now(), SWEEP_EVERY_MS), () => void this.#sweep());
  }
}
