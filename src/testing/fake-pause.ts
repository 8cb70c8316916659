import type { Clock } from '../ports/index.js';

/** A process that can stand still, as one that was swapped out or stopped by a debugger does: what is to wake it waits until it goes on. */
export class FakePause {
  #waiting: (() => void)[] | undefined;

  get isStanding(): boolean {
    return this.#waiting !== undefined;
  }

  stand(): void {
    this.#waiting ??= [];
  }

  goOn(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const act of waiting) this.run(act);
  }

  /** At once, or when it goes on. */
  run(act: () => void): void {
    if (this.#waiting === undefined) act();
    else this.#waiting.push(act);
  }

  /** Time as the process sees it. */
  clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      wall: () => clock.wall(),
      neverBefore: (moment) => clock.neverBefore(moment),
      at: (when, wake) => {
        let isOff = false;
        const callOff = clock.at(when, () => this.run(() => {
          if (!isOff) wake();
        }));
        return () => {
          isOff = true;
          callOff();
        };
      },
      soon: (act) => clock.soon(() => this.run(act)),
    };
  }
}
