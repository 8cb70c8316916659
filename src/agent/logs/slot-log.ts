import { fullMoment, isoTime, type LogBatch, type LogSearch, type LogStream, messageOf, parseInstance } from '../../model/index.js';
import type { Clock, Container, Log, LogRecord, LogRing, Runtime } from '../../ports/index.js';
import { RoundLog } from './round-log.js';

export interface SlotLogOptions {
  readonly slot: string;
  readonly ring: LogRing;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly log: Log;
}

/** The log of one slot: what the containers of its rounds write, of which two may run at a time. */
export class SlotLog {
  readonly #options: SlotLogOptions;
  readonly #rounds = new Map<number, RoundLog>();
  #newest: Promise<number> | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: SlotLogOptions) {
    this.#options = options;
  }

  found(container: Container): void {
    this.#round(container.instance).found(container);
  }

  /** All is read of an instance that was found. */
  settled(instance: string): Promise<void> {
    return this.#round(instance).settled();
  }

  /** Nothing is left of an instance on this node. */
  async gone(instance: string): Promise<void> {
    const round = roundOf(instance);
    await this.#rounds.get(round)?.stop();
    this.#rounds.delete(round);
  }

  /** What is to stand in the log of an instance besides what its container writes. */
  note(instance: string, stream: LogStream, lines: readonly string[]): void {
    const at = fullMoment(isoTime(this.#options.clock.wall()));
    const { run } = this.#round(instance);
    this.#append(lines.map((line) => ({ stream, at, round: roundOf(instance), run, text: Buffer.from(line) }))).catch((error: unknown) =>
      this.#options.log.warn('a log cannot be written', { instance, reason: messageOf(error) }));
  }

  async *read({ isPrevious, ...search }: LogSearch, round: number | undefined, signal: AbortSignal): AsyncIterable<LogBatch> {
    const { ring, slot } = this.#options;
    const named = (of: number): string => `${slot}@${String(of)}`;
    if (isPrevious !== true) yield* ring.read(named, { ...search, ...(round === undefined ? {} : { round }) }, signal);
    else {
      const newest = Math.max(...this.#rounds.keys(), await this.#newestHeld());
      const of = round ?? newest;
      const run = this.#rounds.get(of)?.run ?? (await ring.tail(of))?.run ?? 1;
      const previous = await ring.before(of, run);
      if (previous !== undefined) yield* ring.read(named, { ...search, ...previous }, signal);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#rounds.values()].map((round) => round.stop()));
    await this.#writing;
    await this.#options.ring.close();
  }

  #round(instance: string): RoundLog {
    const round = roundOf(instance);
    const known = this.#rounds.get(round);
    if (known !== undefined) return known;
    const { runtime, clock, log } = this.#options;
    const made = new RoundLog({ instance, round, runtime, clock, log, tail: () => this.#tail(round), append: (records) => this.#append(records) });
    this.#rounds.set(round, made);
    return made;
  }

  /** Of a round that is newer than all that is held, nothing is: the ring is not searched for it. */
  async #tail(round: number): ReturnType<LogRing['tail']> {
    return round > (await this.#newestHeld()) ? undefined : this.#options.ring.tail(round);
  }

  /** As it was when the agent began. */
  #newestHeld(): Promise<number> {
    this.#newest ??= this.#options.ring.newestRound();
    return this.#newest;
  }

  #append(records: readonly LogRecord[]): Promise<void> {
    const written = this.#writing.then(() => this.#options.ring.append(records));
    this.#writing = written.catch(() => undefined);
    return written;
  }
}

const roundOf = (instance: string): number => parseInstance(instance)?.round ?? 0;
