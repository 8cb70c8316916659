import type { LogBatch, LogSearch, LogStream } from '../model/index.js';

/** A line as it is kept. */
export interface LogRecord {
  readonly stream: LogStream;
  /** ISO 8601, with nanoseconds. */
  readonly at: string;
  readonly round: number;
  readonly run: number;
  /** Without its end. */
  readonly text: Uint8Array;
}

/** The newest of what a ring holds of a round's own output. */
export interface LogTail {
  readonly run: number;
  /** By stream: the newest moment, and how many lines bear it. A stream is not in it that was silent in the last seconds of the other. */
  readonly marks: Readonly<Partial<Record<LogStream, LogMark>>>;
}

export interface LogMark {
  readonly at: string;
  readonly count: number;
}

/** What of a ring is read. */
export interface RingSearch extends Omit<LogSearch, 'isPrevious'> {
  readonly round?: number;
  /** Of that round, one run alone. */
  readonly run?: number;
}

/** The newest lines of one log, so many bytes of them, on this machine's disk. One writes, many read. */
export interface LogRing {
  /** All of them or none. @throws what the disk says */
  append(records: readonly LogRecord[]): Promise<void>;
  /** The newest round of which it holds something; 0 when it is empty. */
  newestRound(): Promise<number>;
  /** Undefined when it holds nothing that the container of this round wrote. */
  tail(round: number): Promise<LogTail | undefined>;
  /** The run before this one, as far as it is held. */
  before(round: number, run: number): Promise<{ readonly round: number; readonly run: number } | undefined>;
  /** @param name of the instance of a round @throws KON_INVALID for what is no regular expression */
  read(name: (round: number) => string, search: RingSearch, signal: AbortSignal): AsyncIterable<LogBatch>;
  close(): Promise<void>;
}

/** What a program of the platform said itself. */
export interface OwnLog {
  read(search: LogSearch, signal: AbortSignal): AsyncIterable<LogBatch>;
}

/** Where logs are kept. */
export interface LogRings {
  /** What there is, and when it was last written: milliseconds since the epoch, by the machine's clock. */
  list(): Promise<readonly { readonly name: string; readonly writtenMs: number }[]>;
  /** Made where it lacks. */
  open(name: string, maxBytes: number): Promise<LogRing>;
  remove(name: string): Promise<void>;
}
