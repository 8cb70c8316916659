import type { Instant } from '../model/index.js';

/** Time. The real one and the fake keep the same order of alarms. */
export interface Clock {
  /**
   * The moment that records bear, and that all rules compare. It never goes back and never jumps: what the machine's clock
   * is set to is taken up little by little, so that the length between two of these moments is how much time passed.
   */
  now(): Instant;
  /** What the machine's clock says: for what others hold against theirs, such as certificates. It may jump, both ways. */
  wall(): Instant;
  /** From now on {@link now} is not before this moment, which an earlier life wrote down. */
  neverBefore(moment: Instant): void;
  /** Calls `wake` once, at `when` or as soon after as can be. Returns a function that calls it off. */
  at(when: Instant, wake: () => void): () => void;
  /** Calls `run` after what waits for input and output had its turn. */
  soon(run: () => void): void;
}
