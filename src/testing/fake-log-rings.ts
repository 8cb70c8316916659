import type { LogBatch, LogLine } from '../model/index.js';
import type { LogRecord, LogRing, LogRings, LogTail, RingSearch } from '../ports/index.js';

/** Logs in memory, which outlive agents. None is ever too large; nothing is looked for by a pattern. */
export class FakeLogRings implements LogRings {
  readonly rings = new Map<string, FakeLogRing>();
  /** Thrown by writing, as a full disk does. */
  failure: Error | undefined;

  list(): ReturnType<LogRings['list']> {
    return Promise.resolve([...this.rings].map(([name, { writtenMs }]) => ({ name, writtenMs })));
  }

  open(name: string): Promise<LogRing> {
    const ring = this.rings.get(name) ?? new FakeLogRing(() => this.failure);
    this.rings.set(name, ring);
    return Promise.resolve(ring);
  }

  remove(name: string): Promise<void> {
    this.rings.delete(name);
    return Promise.resolve();
  }

  /** What is held of a slot: `57.1 stdout text`. */
  said(slot: string): readonly string[] {
    return (this.rings.get(slot)?.records ?? []).map(({ round, run, stream, text }) => `${String(round)}.${String(run)} ${stream} ${Buffer.from(text).toString()}`);
  }
}

class FakeLogRing implements LogRing {
  readonly records: LogRecord[] = [];
  writtenMs = 0;
  readonly #failure: () => Error | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(failure: () => Error | undefined) {
    this.#failure = failure;
  }

  async append(records: readonly LogRecord[]): Promise<void> {
    const failure = this.#failure();
    if (failure !== undefined) throw failure;
    this.records.push(...records);
    this.writtenMs = Date.parse(records.at(-1)?.at ?? '');
    for (const wake of this.#listeners) wake();
  }

  async newestRound(): Promise<number> {
    return Math.max(0, ...this.records.map(({ round }) => round));
  }

  async tail(of: number): Promise<LogTail | undefined> {
    const own = this.records.filter(({ round, stream }) => round === of && (stream === 'stdout' || stream === 'stderr'));
    const last = own.at(-1);
    if (last === undefined) return undefined;
    const newest = new Map(own.map(({ stream, at }) => [stream, at]));
    const countAt = (of: string, moment: string): number => own.filter(({ stream, at }) => stream === of && at === moment).length;
    return { run: last.run, marks: Object.fromEntries([...newest].map(([stream, at]) => [stream, { at, count: countAt(stream, at) }])) };
  }

  async before(round: number, run: number): ReturnType<LogRing['before']> {
    return this.records.findLast((record) => record.round < round || (record.round === round && record.run < run));
  }

  async *read(name: (round: number) => string, { follow, tail, round, run }: RingSearch, signal: AbortSignal): AsyncIterable<LogBatch> {
    const lines = (from: number): LogLine[] =>
      this.records.slice(from)
        .filter((record) => (round === undefined || record.round === round) && (run === undefined || record.run === run))
        .map((record) => ({ instance: name(record.round), stream: record.stream, at: record.at, line: Buffer.from(record.text).toString(), run: record.run }));
    let read = this.records.length;
    yield { lines: lines(0).slice(tail === undefined ? 0 : -tail || Infinity), isCaughtUp: true };
    while (follow && !signal.aborted) {
      if (read < this.records.length) {
        const from = read;
        read = this.records.length;
        yield { lines: lines(from), isCaughtUp: true };
      } else await this.#written(signal);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #written(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#listeners.delete(wake);
        resolve();
      };
      this.#listeners.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}

/** A program that says nothing of itself. */
export const noOwnLog = {
  async *read(): AsyncIterable<LogBatch> {
    yield { lines: [], isCaughtUp: true };
  },
};
