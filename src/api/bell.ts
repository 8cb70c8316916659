import type { Instant } from '../model/index.js';
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

  /** Resolves after the next ring, at `when`, or when aborted, whichever is first: in a later turn, so that what happens together is seen together. */
  async next(signal: AbortSignal, when?: Instant): Promise<void> {
    if (!this.#hasRung && !signal.aborted) await this.#sleep(signal, when);
    await new Promise<void>((resolve) => this.#clock.soon(resolve));
    this.#hasRung = false;
  }

  #sleep(signal: AbortSignal, when: Instant | undefined): Promise<void> {
    return new Promise((resolve) => {
      const callOff = when === undefined ? undefined : this.#clock.at(when, () => wake());
      const wake = (): void => {
        callOff?.();
        signal.removeEventListener('abort', wake);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
