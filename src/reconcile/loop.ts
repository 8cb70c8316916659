import { type Instant, isRetryable, later, type Millis } from '../model/index.js';
import type { Clock, Random } from '../ports/index.js';
import { Queue } from './queue.js';

export interface LoopOptions {
  /** Brings one subject a step closer to what is wanted. Returns when to look again, if ever. */
  readonly reconcile: (subject: string) => Promise<Instant | undefined>;
  readonly clock: Clock;
  readonly random: Random;
  /** Subjects worked on at the same time; one subject is never worked on twice at once. */
  readonly workers: number;
  readonly onError: (subject: string, error: unknown) => void;
}

/** How long work may hold the turn before input and output are let in: below what a ping would notice, above what a commit costs. */
const TURN_MS: Millis = 20;

/**
 * How long to wait before trying a failing subject again: doubling, so that what is broken is spared; capped, so that
 * what is mended is noticed; and up to a fifth less by chance, so that a thousand failures do not come back at one moment.
 *
 * @param failures tries that failed in a row; 1 or more
 * @param fraction chance, from 0 to 1
 * @returns milliseconds, from 80 to 30 000
 * @see client-go `ItemExponentialFailureRateLimiter`, whose shape (base * 2^n, capped) this is. The numbers are
 *   ours: it starts at 5 ms, which suits an API write; what fails here fails for seconds.
 */
export function backoffMs(failures: number, fraction: number): Millis {
  if (failures < 1) throw new RangeError(`backoff after ${failures} failures`);
  return Math.round(Math.min(100 * 2 ** (failures - 1), 30_000) * (1 - fraction / 5));
}

/** Decides when to reconcile: on change, on time, after failure. Knows nothing of containers. */
export class Loop {
  readonly #options: LoopOptions;
  readonly #queue = new Queue();
  readonly #failures = new Map<string, number>();
  readonly #alarms = new Map<string, () => void>();
  readonly #idleWaiters = new Set<() => void>();
  #running = 0;
  #isStopped = false;
  #isPumpDue = false;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  enqueue(subject: string): void {
    if (this.#isStopped) return;
    this.#queue.add(subject);
    this.#pumpSoon();
  }

  /** Resolves when nothing waits and nothing runs. Alarms set for later do not count. */
  idle(): Promise<void> {
    return this.#queue.isIdle ? Promise.resolve() : new Promise((resolve) => this.#idleWaiters.add(resolve));
  }

  /** Finishes what is waiting and running; starts nothing more. */
  stop(): Promise<void> {
    this.#isStopped = true;
    for (const callOff of this.#alarms.values()) callOff();
    this.#alarms.clear();
    return this.idle();
  }

  #pumpSoon(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    this.#options.clock.soon(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  /** Starts work until the workers are busy or the turn is used up; then the rest waits for the next turn. */
  #pump(): void {
    const began = this.#options.clock.now();
    while (this.#running < this.#options.workers) {
      if (this.#options.clock.now() - began >= TURN_MS) {
        this.#pumpSoon();
        return;
      }
      const subject = this.#queue.take();
      if (subject === undefined) break;
      this.#running += 1;
      void this.#work(subject);
    }
    if (this.#queue.isIdle) this.#settle();
  }

  async #work(subject: string): Promise<void> {
    try {
      this.#wake(subject, await this.#options.reconcile(subject));
      this.#failures.delete(subject);
    } catch (error) {
      this.#options.onError(subject, error);
      if (isRetryable(error)) this.#wake(subject, this.#nextTry(subject));
    } finally {
      this.#running -= 1;
      this.#queue.done(subject);
      if (this.#queue.isIdle) this.#settle();
      else this.#pumpSoon();
    }
  }

  #nextTry(subject: string): Instant {
    const failures = (this.#failures.get(subject) ?? 0) + 1;
    this.#failures.set(subject, failures);
    return later(this.#options.clock.now(), backoffMs(failures, this.#options.random.fraction()));
  }

  /** One alarm per subject: a new one replaces the old. */
  #wake(subject: string, when: Instant | undefined): void {
    this.#alarms.get(subject)?.();
    this.#alarms.delete(subject);
    if (when === undefined || this.#isStopped) return;
    const callOff = this.#options.clock.at(when, () => {
      this.#alarms.delete(subject);
      this.enqueue(subject);
    });
    this.#alarms.set(subject, callOff);
  }

  #settle(): void {
    for (const resolve of this.#idleWaiters) resolve();
    this.#idleWaiters.clear();
  }
}
