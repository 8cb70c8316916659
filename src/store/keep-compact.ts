import { later, messageOf, type Millis } from '../model/index.js';
import type { Clock, Log, Store } from '../ports/index.js';

/** How long bodies of what controllers derived are kept unless someone says otherwise: the time in which people ask why. */
export const KEEP_DECISIONS_MS: Millis = 30 * 24 * 3_600_000;

/** Often enough that one round is short. */
const EVERY_MS: Millis = 10 * 60_000;

export interface KeepCompact {
  readonly store: Pick<Store, 'compact'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly keepMs: Millis;
}

/** Compacts a store for as long as it is open, beginning some minutes after a start. Returns how to end that. */
export function keepCompact({ store, clock, log, keepMs }: KeepCompact): () => void {
  let callOff = (): void => undefined;
  let isOver = false;
  const round = async (): Promise<void> => {
    try {
      await store.compact(later(clock.now(), -keepMs));
    } catch (error) {
      if (!isOver) log.warn('the history could not be compacted; it is tried again', { reason: messageOf(error), againInMs: EVERY_MS });
    }
    if (!isOver) next();
  };
  const next = (): void => {
    callOff = clock.at(later(clock.now(), EVERY_MS), () => void round());
  };
  next();
  return () => {
    isOver = true;
    callOff();
  };
}
