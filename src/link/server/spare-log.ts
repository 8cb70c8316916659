import { elapsedMs, type Instant, type Millis } from '../../model/index.js';
import type { Clock, Log } from '../../ports/index.js';
import { WARNINGS_A_MINUTE } from '../limits.js';

const MINUTE_MS: Millis = 60_000;

/** Warnings that strangers cause: so many a minute of each kind, and then how many more there were. */
export class SpareLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #kinds = new Map<string, { since: Instant; told: number; untold: number }>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** `message` is the kind; the facts tell one from another. */
  warn(message: string, facts: Readonly<Record<string, unknown>>): void {
    const now = this.#clock.now();
    let kind = this.#kinds.get(message);
    if (kind === undefined || elapsedMs(kind.since, now) >= MINUTE_MS) {
      if (kind !== undefined && kind.untold > 0) this.#log.warn(message, { more: kind.untold });
      this.#kinds.set(message, (kind = { since: now, told: 0, untold: 0 }));
    }
    if (kind.told >= WARNINGS_A_MINUTE) kind.untold += 1;
    else {
      kind.told += 1;
      this.#log.warn(message, facts);
    }
  }
}
