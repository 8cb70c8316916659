import type { Bodies, Kind, Revision } from './records.js';
import type { Instant } from './time.js';

/** A record as a view shows it. Frozen. Of observed kinds, the revisions are those of the store when it was written. */
export type Entry<K extends Kind = Kind> = { [P in K]: EntryOf<P> }[K];

interface EntryOf<K extends Kind> {
  readonly kind: K;
  readonly name: string;
  readonly body: Bodies[K];
  readonly revision: Revision;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** Who asked: a user, or the writer itself. */
  readonly updatedBy: string;
}
