import { KontenaError, later, messageOf, type Millis } from '../../model/index.js';
import type { Clock, Container, Log, LogRecord, LogTail, Runtime } from '../../ports/index.js';
import { type JoinedLine, Joiner } from './joiner.js';
import { advanced, Resume, resumesAt } from './resume.js';
import { type Runs, runsOf } from './runs.js';

/** Little that comes is gathered for so long before the next of it is written: a line is seen that much later. */
const GATHER_MS: Millis = 20;
const LITTLE_LINES = 100;
const RETRY_MS: Millis = 1_000;
const LONGEST_RETRY_MS: Millis = 30_000;

export interface RoundLogOptions {
  readonly instance: string;
  readonly round: number;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly log: Log;
  /** What an earlier life of the agent read of it. */
  readonly tail: () => Promise<LogTail | undefined>;
  readonly append: (records: readonly LogRecord[]) => Promise<void>;
}

/** A container as it was found, and when it had ended before. */
interface Found {
  readonly startedMs: number;
  readonly endedMs: number | undefined;
}

/** What the container of one instance writes, read from where it was left. */
export class RoundLog {
  readonly #options: RoundLogOptions;
  readonly #over = new AbortController();
  #reading: { readonly key: string; readonly done: Promise<void>; isOver: boolean } | undefined;
  #isRemembered = false;
  #tail: LogTail | undefined;
  #endedMs: number | undefined;
  /** Which start of the container it is. */
  run = 1;

  constructor(options: RoundLogOptions) {
    this.#options = options;
  }

  /** The container is there, running or ended: what it writes is read, unless it is or was. */
  found({ id, state, startedAtMs, finishedAtMs }: Container): void {
    if (this.#over.signal.aborted || startedAtMs === undefined) return;
    const isRunning = state === 'running';
    const key = `${id} ${String(startedAtMs)} ${isRunning ? 'running' : 'ended'}`;
    if (this.#reading?.key === key && !(this.#reading.isOver && isRunning)) return;
    const endedMs = finishedAtMs !== undefined && finishedAtMs <= startedAtMs ? finishedAtMs : this.#endedMs;
    if (!isRunning) this.#endedMs = finishedAtMs;
    this.#begin(key, { startedMs: startedAtMs, endedMs });
  }

  /** All is read that was found. */
  async settled(): Promise<void> {
    await this.#reading?.done;
  }

  /** Its container is gone, or the agent goes. */
  async stop(): Promise<void> {
    this.#over.abort();
    await this.#reading?.done;
  }

  #begin(key: string, found: Found): void {
    const before = this.#reading?.done ?? Promise.resolve();
    const reading = { key, isOver: false, done: before };
    reading.done = before.then(() => this.#follow(found)).finally(() => (reading.isOver = true));
    this.#reading = reading;
  }

  /** Until the container ends, or is gone; what fails meanwhile, the disk or the engine, is tried again from where it was. */
  async #follow(found: Found): Promise<void> {
    const { log, instance } = this.#options;
    for (let failures = 0; !this.#over.signal.aborted; failures += 1) {
      try {
        await this.#read(found);
        return;
      } catch (error) {
        const code = error instanceof KontenaError ? error.code : undefined;
        if (code === 'KON_CONTAINER_MISSING') return;
        if (failures === 0) log.warn('a log is not kept at the moment', { instance, reason: messageOf(error) });
        if (code === 'KON_ENGINE_REFUSED') return;
        await this.#pass(Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** failures));
      }
    }
  }

  async #read({ startedMs, endedMs }: Found): Promise<void> {
    const { runtime, instance, tail } = this.#options;
    if (!this.#isRemembered) this.#tail = await tail();
    this.#isRemembered = true;
    const runs = runsOf(startedMs, endedMs, this.#tail);
    this.run = runs.now;
    const resume = new Resume(this.#tail);
    const joiner = new Joiner();
    for await (const entries of runtime.entries(instance, resumesAt(this.#tail), this.#over.signal)) {
      await this.#keep(joiner.take(entries), runs, resume);
      if (entries.length < LITTLE_LINES) await this.#pass(GATHER_MS);
    }
    if (!this.#over.signal.aborted) await this.#keep(joiner.end(), runs, resume);
  }

  async #keep(lines: readonly JoinedLine[], runs: Runs, resume: Resume): Promise<void> {
    const { round, append } = this.#options;
    const records = lines.map((line): LogRecord => ({ ...line, round, run: runs.of(line.at) })).filter((record) => !resume.isHeld(record));
    if (records.length === 0) return;
    await append(records);
    this.#tail = advanced(this.#tail, records);
  }

  /** Time passes, or it is over. */
  #pass(ms: Millis): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#over;
    return new Promise((resolve) => {
      const callOff = clock.at(later(clock.now(), ms), () => {
        signal.removeEventListener('abort', leave);
        resolve();
      });
      const leave = (): void => {
        callOff();
        resolve();
      };
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
    });
  }
}
