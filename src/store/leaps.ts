import type Database from 'better-sqlite3';
import type { Instant, Revision } from '../model/index.js';

/**
 * A part of the numbers that no row has. What a master gave between its backup and its end stands in no store any more, but
 * in the names of containers and in what agents remember; so whoever was restored goes on above all of it.
 */
export interface Leap {
  /** The newest row then. */
  readonly after: Revision;
  /** The newest number from then on; rows come after it. */
  readonly to: Revision;
}

/** So far at least, should the clock be behind. */
const LEAST = 1_000_000;

/**
 * Leaps from the newest row to the milliseconds since 1970: no master gives a thousand numbers a second for all its life, so
 * that this is above what the last one gave, and also above what another one gave that was restored from the same backup.
 */
export function leap(db: Database.Database, now: Instant): void {
  const { after, to } = endOf(db);
  db.prepare('INSERT INTO leaps (after, "to") VALUES (?, ?) ON CONFLICT (after) DO UPDATE SET "to" = excluded."to"').run(after, Math.max(to + LEAST, now));
}

export const leapsIn = (db: Database.Database): readonly Leap[] => db.prepare<[], Leap>('SELECT * FROM leaps ORDER BY after').all();

/** Which number has the row after one's. */
export function succession(db: Database.Database): (revision: Revision) => Revision {
  const leaps = new Map(leapsIn(db).map(({ after, to }) => [after, to]));
  return (revision) => (leaps.get(revision) ?? revision) + 1;
}

/** The newest row, and the newest number, which is another one where nothing was written since a leap. */
export function endOf(db: Database.Database): Leap {
  const after = db.prepare<[], Revision>('SELECT coalesce(max(revision), 0) FROM history').pluck().get() ?? 0;
  return leapsIn(db).find((one) => one.after === after) ?? { after, to: after };
}
