import { type Instant, later, type Millis } from '../model/index.js';
import { type Machine, steadyClock } from '../clock.js';
import type { Clock } from '../ports/index.js';
import type { FakeClock } from './fake-clock.js';

/** A machine of the simulation: its clock may be set to anything, while time goes on as it does for all. */
export class FakeMachine implements Machine {
  readonly #time: FakeClock;
  #setByMs: Millis = 0;

  constructor(time: FakeClock) {
    this.#time = time;
  }

  /** What a program that is started now goes by. */
  startClock(): Clock {
    return steadyClock(this);
  }

  /** What the engine goes by: lengths are right, and moments are what the machine's clock says. */
  get engineClock(): Clock {
    const time = this.#time;
    return {
      now: () => time.now(),
      wall: () => this.wallMs(),
      neverBefore: (moment) => time.neverBefore(moment),
      at: (when, wake) => time.at(when, wake),
      soon: (run) => time.soon(run),
    };
  }

  /** Sets the clock forward or, below zero, back. */
  set(byMs: Millis): void {
    this.#setByMs += byMs;
  }

  wallMs(): Instant {
    return later(this.#time.now(), this.#setByMs);
  }

  awakeMs(): Millis {
    return this.#time.now();
  }

  upMs(): Millis {
    return this.#time.now();
  }

  sleep(ms: Millis, wake: () => void): () => void {
    return this.#time.at(later(this.#time.now(), ms), wake);
  }

  soon(run: () => void): void {
    this.#time.soon(run);
  }
}
