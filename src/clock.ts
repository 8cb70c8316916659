import { uptime } from 'node:os';
import type { Instant, Millis } from './model/index.js';
import type { Clock } from './ports/index.js';

/** What a machine knows of time. */
export interface Machine {
  /** What its clock is set to, since the Unix epoch. */
  wallMs(): Millis;
  /** How long it has been awake, whatever its clock is set to. */
  awakeMs(): Millis;
  /** How long it has been up, asleep or awake: costs more to ask, and is coarser. */
  upMs(): Millis;
  /** Calls `wake` once, after so long awake. Returns a function that calls it off. */
  sleep(ms: Millis, wake: () => void): () => void;
  soon(run: () => void): void;
}

/** So much faster or slower than time itself does a clock run at most while it approaches what the machine's clock was set to. */
const HASTE = 1 / 10;
/** The machine's clock is ahead by so much more than it was: it was set, or the machine was asleep. */
const JUMP_MS: Millis = 1_000;
/**
 * The longest sleep before looking at the time again. A timer counts up to 2^31 ms and no further, and does not count
 * the time a machine was asleep: a minute late is then the worst.
 */
const LONGEST_SLEEP_MS: Millis = 60_000;

/** A clock that begins at what the machine's clock says, and goes on evenly whatever that is set to. */
export function steadyClock(machine: Machine): Clock {
  const steady = new SteadyTime(machine);
  const now = (): Instant => Math.floor(steady.now()) as Instant;
  return {
    now,
    wall: () => machine.wallMs() as Instant,
    neverBefore: (moment) => steady.neverBefore(moment),

    at(when, wake) {
      let callOff: () => void;
      const sleep = (): void => {
        const leftMs = when - now();
        callOff = machine.sleep(Math.min(Math.max(leftMs, 0), LONGEST_SLEEP_MS), leftMs > LONGEST_SLEEP_MS ? sleep : look);
      };
      // A timer may fire a moment early; whoever is woken may rely on `now() >= when`.
      const look = (): void => (now() < when ? sleep() : wake());
      sleep();
      return () => callOff();
    },

    soon: (run) => machine.soon(run),
  };
}

class SteadyTime {
  readonly #machine: Machine;
  #moment: Millis;
  #awakeMs: Millis;
  #asleepMs: Millis;
  /** By how much the machine's clock was ahead when last asked. */
  #aheadMs: Millis = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#moment = machine.wallMs();
    this.#awakeMs = machine.awakeMs();
    this.#asleepMs = machine.upMs() - this.#awakeMs;
  }

  now(): Millis {
    const awakeMs = this.#machine.awakeMs();
    const passedMs = Math.max(0, awakeMs - this.#awakeMs);
    this.#awakeMs = awakeMs;
    this.#moment += passedMs;
    let aheadMs = this.#machine.wallMs() - this.#moment;
    if (aheadMs - this.#aheadMs > JUMP_MS) aheadMs -= this.#countSleep(aheadMs - this.#aheadMs);
    const taken = Math.min(Math.max(aheadMs, -passedMs * HASTE), passedMs * HASTE);
    this.#moment += taken;
    this.#aheadMs = aheadMs - taken;
    return this.#moment;
  }

  neverBefore(moment: Instant): void {
    this.#moment = Math.max(this.now(), moment);
    this.#aheadMs = this.#machine.wallMs() - this.#moment;
  }

  /** Time that was slept through has passed too. Returns how much of it is counted only now. */
  #countSleep(atMostMs: Millis): Millis {
    const asleepMs = this.#machine.upMs() - this.#awakeMs;
    const sleptMs = Math.min(asleepMs - this.#asleepMs, atMostMs);
    if (sleptMs < JUMP_MS) return 0;
    this.#asleepMs = asleepMs;
    this.#moment += sleptMs;
    return sleptMs;
  }
}

/** This machine. */
export const thisMachine: Machine = {
  wallMs: () => Date.now(),
  awakeMs: () => performance.now(),
  upMs: () => uptime() * 1000,
  sleep(ms, wake) {
    const timer = setTimeout(wake, ms);
    return () => clearTimeout(timer);
  },
  soon: (run) => void setImmediate(run),
};

/** The real time. */
export const systemClock: Clock = steadyClock(thisMachine);
