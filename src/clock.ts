import type { Instant, Millis } from './model/index.js';
import type { Clock } from './ports/index.js';

/**
 * The longest sleep before looking at the time again. A timer counts up to 2^31 ms and no further, and counts neither
 * the time a machine was suspended nor a clock that was set: a minute late is then the worst.
 */
const LONGEST_SLEEP_MS: Millis = 60_000;

/** The real time. */
export const systemClock: Clock = {
  now: () => Date.now() as Instant,

  at(when, wake) {
    let timer: NodeJS.Timeout;
    const sleep = (): void => {
      const leftMs = when - Date.now();
      timer = setTimeout(leftMs > LONGEST_SLEEP_MS ? sleep : look, Math.min(Math.max(leftMs, 0), LONGEST_SLEEP_MS));
    };
    // A timer may fire a moment early by the wall clock; whoever is woken may rely on `now() >= when`.
    const look = (): void => (Date.now() < when ? sleep() : wake());
    sleep();
    return () => clearTimeout(timer);
  },

  soon: (run) => void setImmediate(run),
};
