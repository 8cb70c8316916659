import { isAtOrBehind, type Position, type Ring } from '../files/index.js';
import { fullMoment, type LogBatch, type LogLine, type LogStream } from '../model/index.js';
import type { LogMark, LogRecord, LogRing, LogTail, RingSearch } from '../ports/index.js';
import { encode, linesOf, momentOf, type Origin, originOf, recordsIn } from './records.js';
import { wantedBy } from './wanted.js';

/** As far back of the newest line others are looked for that bear its moment: the engine stamps the two streams apart. */
const SLACK_MS = 5_000;

/** A log in a ring of files. */
export class FileLogRing implements LogRing {
  readonly #ring: Ring;

  constructor(ring: Ring) {
    this.#ring = ring;
  }

  append(records: readonly LogRecord[]): Promise<void> {
    return this.#ring.append(encode(records));
  }

  close(): Promise<void> {
    return this.#ring.close();
  }

  async newestRound(): Promise<number> {
    for await (const records of this.#ring.backward(this.#ring.end)) return Math.max(0, ...records.map((record) => originOf(record)?.round ?? 0)); // two rounds overlap for moments
    return 0;
  }

  async tail(round: number): Promise<LogTail | undefined> {
    let newest: Origin | undefined;
    const marks: Partial<Record<LogStream, LogMark>> = {};
    for await (const origin of this.#origins()) {
      if (origin.round !== round || (origin.stream !== 'stdout' && origin.stream !== 'stderr')) continue;
      newest ??= origin;
      if (Date.parse(origin.at) < Date.parse(newest.at) - SLACK_MS) break;
      const mark = marks[origin.stream];
      if (mark === undefined) marks[origin.stream] = { at: origin.at, count: 1 };
      else if (mark.at === origin.at) marks[origin.stream] = { ...mark, count: mark.count + 1 };
    }
    return newest === undefined ? undefined : { run: newest.run, marks };
  }

  async before(round: number, run: number): Promise<{ readonly round: number; readonly run: number } | undefined> {
    for await (const origin of this.#origins()) if (origin.round < round || (origin.round === round && origin.run < run)) return { round: origin.round, run: origin.run };
    return undefined;
  }

  async *read(name: (round: number) => string, search: RingSearch, signal: AbortSignal): AsyncIterable<LogBatch> {
    const isWanted = wantedBy(search);
    const end = this.#ring.end;
    const pick = (bytes: Buffer): LogLine[] => linesOf(recordsIn(bytes), name, isWanted);
    if (search.tail !== undefined) yield { lines: await this.#last(search.tail, pick, end), isCaughtUp: true };
    if (search.tail !== undefined && !search.follow) return;
    const from = search.tail === undefined ? await this.#from(search.since) : end;
    if (isAtOrBehind(from, end)) yield { lines: [], isCaughtUp: true };
    for await (const { bytes, after } of this.#ring.blocks(from, search.follow ? signal : undefined)) {
      if (signal.aborted) return;
      yield { lines: pick(bytes), isCaughtUp: isAtOrBehind(after, end) };
    }
  }

  #from(since: string | undefined): Promise<Position> {
    if (since === undefined) return Promise.resolve(this.#ring.start);
    const moment = fullMoment(since);
    return this.#ring.since((record) => momentOf(record) < moment);
  }

  async #last(count: number, pick: (bytes: Buffer) => LogLine[], end: Position): Promise<readonly LogLine[]> {
    const found: LogLine[][] = [];
    let missing = count;
    if (missing === 0) return [];
    for await (const bytes of this.#ring.blocksBack(end)) {
      const lines = pick(bytes).slice(-missing);
      found.unshift(lines);
      missing -= lines.length;
      if (missing === 0) break;
    }
    return found.flat();
  }

  /** Of all records, the newest first. */
  async *#origins(): AsyncGenerator<Origin> {
    for await (const records of this.#ring.backward(this.#ring.end)) {
      for (const record of records) {
        const origin = originOf(record);
        if (origin !== undefined) yield origin;
      }
    }
  }
}
