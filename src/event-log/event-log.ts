import { type Position, Ring } from '../files/index.js';
import { type GridEvent, happeningOf, isoTime, messageOf, type Revision } from '../model/index.js';
import type { Changed, Clock, EventQuery, Events, Log, Logged, Store } from '../ports/index.js';
import { Observed } from './observed.js';

/** Some 80,000 events. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Entries of the history that are read in one turn. */
const PAGE = 500;

export interface EventLogOptions {
  readonly directory: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: 16 MiB. */
  readonly maxBytes?: number;
}

type Said = Omit<GridEvent, 'number'>;

/**
 * Writes down what happens: every change of a desired record by the history, and what is newly observed. It follows, and
 * keeps nobody waiting: what a crash kept from the disk is taken up from the history at the next start, but for what was
 * only observed.
 */
export class EventLog implements Events {
  readonly #ring: Ring;
  readonly #options: EventLogOptions;
  readonly #observed: Observed;
  readonly #unwritten: GridEvent[] = [];
  #number: number;
  #revision: Revision;
  #writing: Promise<void> | undefined;
  readonly #stop: () => void;

  private constructor(ring: Ring, options: EventLogOptions, last: { readonly number: number; readonly revision: Revision }) {
    this.#ring = ring;
    this.#options = options;
    this.#observed = new Observed(options.clock.now());
    this.#number = last.number;
    this.#revision = last.revision;
    this.#stop = options.store.watch((changed) => this.#notice(changed));
    this.#takeUpHistory();
  }

  /** Takes up where it ended; where there is nothing yet, from now on. */
  static async open(options: EventLogOptions): Promise<EventLog> {
    const ring = await Ring.open(options.directory, options.maxBytes ?? MAX_BYTES);
    return new EventLog(ring, options, (await lastOf(ring)) ?? { number: 0, revision: options.store.revision });
  }

  async *read({ after = 0, since = '', tail, follow }: EventQuery, isAsked: (event: GridEvent) => boolean, signal: AbortSignal): AsyncGenerator<readonly GridEvent[]> {
    const isNew = ({ number, at }: GridEvent): boolean => number > after && at >= since;
    const isMeant = (event: GridEvent): boolean => isNew(event) && isAsked(event);
    const end = this.#ring.end;
    if (tail !== undefined) yield await this.#last(tail, end, { isMeant, isNew });
    if (tail !== undefined && !follow) return;
    const from = tail === undefined ? await this.#ring.since((record) => !isNew(eventIn(record))) : end;
    for await (const records of this.#ring.forward(from, follow ? signal : undefined)) {
      if (signal.aborted) return;
      const events = records.map(eventIn).filter(isMeant);
      if (events.length > 0) yield events;
    }
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    this.#stop();
    await this.#writing;
    await this.#ring.close();
  }

  async #last(count: number, end: Position, { isMeant, isNew }: Readonly<Record<'isMeant' | 'isNew', (event: GridEvent) => boolean>>): Promise<readonly GridEvent[]> {
    const found: GridEvent[] = [];
    if (count === 0) return found;
    for await (const event of backward(this.#ring, end)) {
      if (!isNew(event)) break;
      if (isMeant(event) && found.push(event) === count) break;
    }
    return found.reverse();
  }

  #notice(changed: readonly Changed[]): void {
    const { store, clock } = this.#options;
    this.#takeUpHistory();
    for (const one of changed) {
      const news = this.#observed.news(one, store.view(one.grid));
      if (news !== undefined) this.#say({ at: isoTime(clock.now()), grid: one.grid, ...news });
    }
  }

  #takeUpHistory(): void {
    const { store } = this.#options;
    while (this.#revision < store.revision) {
      const entries = store.history({ after: this.#revision, limit: PAGE });
      for (const entry of entries) this.#take(entry);
      this.#revision = entries.at(-1)?.revision ?? store.revision;
    }
  }

  #take({ revision, at, actor, grid, change, isCompacted }: Logged): void {
    const happening = happeningOf(change, isCompacted);
    if (happening !== undefined) this.#say({ at: isoTime(at), grid, ...happening, by: actor, revision });
  }

  #say(said: Said): void {
    this.#number += 1;
    this.#unwritten.push({ number: this.#number, ...said });
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    await new Promise<void>((resolve) => this.#options.clock.soon(resolve));
    while (this.#unwritten.length > 0) {
      const events = this.#unwritten.splice(0);
      try {
        await this.#ring.append(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
      } catch (error) {
        this.#options.log.warn('events could not be kept', { events: events.length, reason: messageOf(error) });
      }
    }
    this.#writing = undefined;
  }
}

const eventIn = (record: string): GridEvent => JSON.parse(record) as GridEvent;

async function* backward(ring: Ring, from: Position): AsyncGenerator<GridEvent> {
  for await (const records of ring.backward(from)) for (const record of records) yield eventIn(record);
}

/** The last number that was given, and the last change that was told. */
async function lastOf(ring: Ring): Promise<{ readonly number: number; readonly revision: Revision } | undefined> {
  let number: number | undefined;
  for await (const event of backward(ring, ring.end)) {
    number ??= event.number;
    if (event.revision !== undefined) return { number, revision: event.revision };
  }
  return undefined;
}
