import { elapsedMs, type Instant, later } from '../model/index.js';
import type { Clock } from '../ports/index.js';

/**
 * Lets a loop sleep until something it follows has changed. Any number of rings between two looks are one:
 * what matters is what is so when it looks.
 */
export class Bell {
  readonly #clock: Clock;
  #hasRung = false;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#hasRung = true;
    this.#wake?.();
  }

  /**
   * Resolves after the next ring, at `when`, or when aborted, whichever is first; never in this turn, so that what happens
   * together is seen together, and not before `rest`, unless aborted.
   */
  async next(signal: AbortSignal, { when, rest }: { readonly when?: Instant | undefined; readonly rest?: Instant | undefined } = {}): Promise<void> {
    if (!this.#hasRung && !signal.aborted) await this.#sleep(signal, when);
    if (rest !== undefined && rest > this.#clock.now() && !signal.aborted) await this.#pause(signal, rest);
    await new Promise<void>((resolve) => this.#clock.soon(resolve));
    this.#hasRung = false;
  }

  /** Until the next ring. */
  #sleep(signal: AbortSignal, when: Instant | undefined): Promise<void> {
    const slept = this.#pause(signal, when, (wake) => (this.#wake = wake));
    return slept.then(() => void (this.#wake = undefined));
  }

  #pause(signal: AbortSignal, until: Instant | undefined, start?: (wake: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const callOff = until === undefined ? undefined : this.#clock.at(until, () => wake());
      const wake = (): void => {
        callOff?.();
        signal.removeEventListener('abort', wake);
        resolve();
      };
      start?.(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}

/**
 * When to look again at the earliest, after a look that took from `began` to `now`: so that whoever follows ten thousand
 * instances takes a fifth of the master's time at most, and whoever follows few waits for nothing.
 */
export const restAfter = (began: Instant, now: Instant): Instant => later(now, 4 * elapsedMs(began, now));
