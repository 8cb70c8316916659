import type { Instant } from '../model/index.js';

/** Time. The real one and the fake keep the same order of alarms. */
export interface Clock {
  now(): Instant;
  /** Calls `wake` once, at `when` or as soon after as can be. Returns a function that calls it off. */
  at(when: Instant, wake: () => void): () => void;
  /** Calls `run` after what waits for input and output had its turn. */
  soon(run: () => void): void;
}
