import { fullMoment, type LogBatch, type LogSearch, type LogStream, messageOf } from '../model/index.js';
import type { Log, LogRecord, LogRing, LogRings, OwnLog } from '../ports/index.js';

/** In the folder of the node's logs, where no slot is called so. */
const RING = 'platform';
const MAX_BYTES = 8 * 1024 * 1024;
/** What waits for a disk that does not take it; what is more is said on stderr alone. */
const MOST_WAITING = 1_000;

/** What a program says of itself, also in a ring beside its data, where `kontenactl logs` finds it. */
export class PlatformLog implements Log, OwnLog {
  readonly #ring: LogRing;
  readonly #other: Log;
  readonly #name: string;
  readonly #waiting: LogRecord[] = [];
  #writing: Promise<void> | undefined;

  private constructor(ring: LogRing, name: string, other: Log) {
    this.#ring = ring;
    this.#name = name;
    this.#other = other;
  }

  /** @param name under which its lines are shown: `node/n1` @param other where all is said too */
  static async open(rings: LogRings, name: string, other: Log): Promise<PlatformLog> {
    return new PlatformLog(await rings.open(RING, MAX_BYTES), name, other);
  }

  info(message: string, facts?: Readonly<Record<string, unknown>>): void {
    this.#other.info(message, facts);
    this.#note('stdout', `info: ${message}`, facts);
  }

  warn(message: string, facts?: Readonly<Record<string, unknown>>): void {
    this.#other.warn(message, facts);
    this.#note('stderr', `warn: ${message}`, facts);
  }

  error(message: string, facts?: Readonly<Record<string, unknown>>): void {
    this.#other.error(message, facts);
    this.#note('stderr', `error: ${message}`, facts);
  }

  read(search: LogSearch, signal: AbortSignal): AsyncIterable<LogBatch> {
    const { isPrevious: _none, ...wanted } = search;
    return this.#ring.read(() => this.#name, wanted, signal);
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#ring.close();
  }

  #note(stream: LogStream, message: string, facts: Readonly<Record<string, unknown>> = {}): void {
    if (this.#waiting.length >= MOST_WAITING) return;
    const text = Object.keys(facts).length === 0 ? message : `${message} ${JSON.stringify(facts)}`;
    this.#waiting.push({ stream, at: fullMoment(new Date().toISOString()), round: 0, run: 0, text: Buffer.from(text.replaceAll('\n', ' ')) });
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#ring.append(this.#waiting.splice(0));
    } catch (error) {
      this.#other.warn('the log of this program is not kept', { reason: messageOf(error) });
    } finally {
      this.#writing = undefined;
    }
  }
}
