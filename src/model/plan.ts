import type { Instant } from './time.js';

/** What should be done, as data, and when to look again even if nothing changes. */
export interface Plan<Step> {
  readonly steps: readonly Step[];
  readonly wakeAt?: Instant | undefined;
}
