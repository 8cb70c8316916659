import type Database from 'better-sqlite3';
import type { Instant, Revision } from '../model/index.js';

/** Rows looked at in one step: few enough that it is far below what a ping would notice. */
const ROWS_PER_STEP = 50;
/** Pages given back in one step; each may move another page into its place. */
const PAGES_PER_STEP = 16;
/** So much of the file may be free: what is written next goes there. */
const FREE_SHARE = 1 / 10;
const FREE_PAGES = 256;

/**
 * Drops bodies, oldest first, and gives the pages back. A body goes when the row that replaced it is older than the window:
 * every state from {@link keptFrom} on can be told as before.
 */
export class Compaction {
  readonly #db: Database.Database;
  readonly #next: Database.Statement<[Revision, number], { readonly revision: Revision; readonly at: Instant }>;
  readonly #drop: Database.Transaction<(after: Revision, upTo: Revision) => void>;
  #keptFrom: Revision;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#next = db.prepare('SELECT revision, at FROM history WHERE revision > ? ORDER BY revision LIMIT ?');
    const drop = db.prepare(`DELETE FROM bodies WHERE revision IN (
      SELECT previous FROM history WHERE revision > ? AND revision <= ? AND writer <> 'api' AND previous IS NOT NULL)`);
    const keep = db.prepare('UPDATE meta SET kept_from = ?');
    this.#drop = db.transaction((after: Revision, upTo: Revision) => {
      drop.run(after, upTo);
      keep.run(upTo);
    });
    this.#keptFrom = keptFromIn(db);
  }

  /** The first revision of which the whole state can be told. */
  get keptFrom(): Revision {
    return this.#keptFrom;
  }

  /**
   * One step; returns whether there is another to take. It waits for no disk: nobody is told of it, what a power cut takes of
   * it is dropped again, and it reaches the disk before the next commit does, as both are in one log.
   */
  step(before: Instant): boolean {
    this.#db.pragma('synchronous = NORMAL');
    try {
      return this.#dropSome(before) || this.#giveBackSome();
    } finally {
      this.#db.pragma('synchronous = FULL');
    }
  }

  #dropSome(before: Instant): boolean {
    const upTo = this.#next.all(this.#keptFrom, ROWS_PER_STEP).findLast(({ at }) => at < before)?.revision;
    if (upTo === undefined) return false;
    this.#drop.immediate(this.#keptFrom, upTo);
    this.#keptFrom = upTo;
    return true;
  }

  #giveBackSome(): boolean {
    const free = this.#db.pragma('freelist_count', { simple: true }) as number;
    const pages = this.#db.pragma('page_count', { simple: true }) as number;
    if (free < Math.max(FREE_PAGES, pages * FREE_SHARE)) return false;
    this.#db.pragma(`incremental_vacuum(${PAGES_PER_STEP})`);
    return true;
  }
}

/** Of a store that belongs to nobody yet, everything is kept. */
export const keptFromIn = (db: Database.Database): Revision => db.prepare<[], Revision>('SELECT kept_from FROM meta').pluck().get() ?? 0;
