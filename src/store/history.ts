import type Database from 'better-sqlite3';
import type { Bodies, Change, Entry, Instant, Kind, Revision, Writer } from '../model/index.js';
import type { HistoryQuery, Logged } from '../ports/index.js';
import { freeze } from './body.js';
import { bodyHash, chained, GENESIS } from './chain.js';
import { endOf, type Leap, leapsIn } from './leaps.js';

/** A change on its way into the history. */
export interface Append {
  readonly revision: Revision;
  readonly at: Instant;
  readonly writer: Writer;
  readonly actor: string;
  readonly reason: string;
  readonly kind: Kind;
  readonly grid: string;
  readonly name: string;
  /** Revision of the record as it was; undefined when it was not there. */
  readonly replaces: Revision | undefined;
  /** The body; undefined for a drop. */
  readonly json: string | undefined;
  /** What is in memory from then on; undefined for a drop. */
  readonly entry: Entry | undefined;
}

/** The end of the history. */
export interface Tail {
  /** Of the newest row; after a leap, the number to go on from. */
  readonly revision: Revision;
  readonly at: Instant;
  readonly hash: string;
}

/** A row of the history as it is read, with its body. */
export interface Row {
  readonly revision: Revision;
  readonly at: Instant;
  readonly writer: Writer;
  readonly actor: string;
  readonly reason: string;
  readonly kind: Kind;
  readonly grid: string;
  readonly name: string;
  /** JSON; null where the record was dropped, or its body is no longer kept. */
  readonly body: string | null;
  readonly body_hash: string | null;
  readonly previous: Revision | null;
  readonly hash: string;
}

type Bodiless = Omit<Row, 'body'>;

const EMPTY: Tail = { revision: 0, at: 0 as Instant, hash: GENESIS };

/** All rows of one record, from its last row back. A cross join keeps SQLite from going through all the history instead. */
const OF_RECORD = `
  WITH RECURSIVE past (revision) AS (
    SELECT revision FROM heads WHERE grid = @grid AND kind = @kind AND name = @name
    UNION ALL SELECT revision FROM dropped WHERE grid = @grid AND kind = @kind AND name = @name
    UNION ALL SELECT previous FROM past CROSS JOIN history USING (revision) WHERE previous IS NOT NULL
  ) SELECT history.* FROM past CROSS JOIN history USING (revision)`;

/** The tables of one store: what is appended, and what is read back. */
export class History {
  readonly #db: Database.Database;
  readonly #insert: Database.Statement;
  readonly #insertBody: Database.Statement;
  readonly #putHead: Database.Statement;
  readonly #dropHead: Database.Statement;
  readonly #bury: Database.Statement;
  readonly #unbury: Database.Statement<[string, string, string], Revision>;
  readonly #row: Database.Statement<[Revision], Bodiless>;
  readonly #rowUpTo: Database.Statement<[Revision], Pick<Row, 'revision' | 'at'>>;
  readonly #leaps: readonly Leap[];
  readonly #write: Database.Transaction<(changes: readonly Append[], alongside: () => void) => Tail>;
  #tail: Tail;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#insert = db.prepare(`INSERT INTO history (revision, at, writer, actor, reason, kind, grid, name, body_hash, previous, hash)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#insertBody = db.prepare('INSERT INTO bodies (revision, body) VALUES (?, ?)');
    this.#putHead = db.prepare(`INSERT INTO heads (grid, kind, name, revision, created_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (grid, kind, name) DO UPDATE SET revision = excluded.revision, created_at = excluded.created_at`);
    this.#dropHead = db.prepare('DELETE FROM heads WHERE grid = ? AND kind = ? AND name = ?');
    this.#bury = db.prepare('INSERT INTO dropped (grid, kind, name, revision) VALUES (?, ?, ?, ?)');
    this.#unbury = db.prepare<[string, string, string], Revision>('DELETE FROM dropped WHERE grid = ? AND kind = ? AND name = ? RETURNING revision').pluck();
    this.#row = db.prepare<[Revision], Bodiless>('SELECT * FROM history WHERE revision = ?');
    this.#rowUpTo = db.prepare<[Revision], Pick<Row, 'revision' | 'at'>>('SELECT revision, at FROM history WHERE revision <= ? ORDER BY revision DESC LIMIT 1');
    this.#leaps = leapsIn(db);
    this.#write = db.transaction((changes: readonly Append[], alongside: () => void) => {
      alongside();
      return changes.reduce((tail, change) => this.#append(tail, change), this.#tail);
    });
    const newest = db.prepare<[], Tail>('SELECT revision, at, hash FROM history ORDER BY revision DESC LIMIT 1').get() ?? EMPTY;
    this.#tail = { ...newest, revision: endOf(db).to };
  }

  get tail(): Tail {
    return this.#tail;
  }

  /** Whether the store was ever at this revision: not before the first, nor after the newest, nor where a restore left numbers out. */
  knows(revision: Revision): boolean {
    return revision >= 1 && revision <= this.#tail.revision && !this.#leaps.some(({ after, to }) => revision > after && revision < to);
  }

  /** Appends all or, when it throws, nothing, with what else is written `alongside`. One transaction, one fsync. */
  append(changes: readonly Append[], alongside: () => void): void {
    this.#tail = this.#write.immediate(changes, alongside);
  }

  #append(tail: Tail, change: Append): Tail {
    const { revision, at, writer, actor, reason, kind, grid, name, json, entry } = change;
    const body = json === undefined ? null : bodyHash(json);
    const hash = chained(tail.hash, change, body);
    const previous = change.replaces ?? this.#unbury.get(grid, kind, name) ?? null;
    this.#insert.run(revision, at, writer, actor, reason, kind, grid, name, body, previous, hash);
    if (json !== undefined) this.#insertBody.run(revision, json);
    if (entry === undefined) {
      this.#dropHead.run(grid, kind, name);
      this.#bury.run(grid, kind, name, revision);
    } else {
      this.#putHead.run(grid, kind, name, revision, entry.createdAt);
    }
    return { revision, at, hash };
  }

  /** The newest of every record, in the order of grid, kind and name. */
  *heads(): Iterable<{ readonly grid: string; readonly entry: Entry }> {
    const rows = this.#db.prepare<[], Row & { readonly created_at: Instant }>(`
      SELECT history.*, body, heads.created_at FROM heads CROSS JOIN history USING (revision) LEFT JOIN bodies USING (revision)
      ORDER BY heads.grid, heads.kind, heads.name`);
    for (const row of rows.iterate()) yield { grid: row.grid, entry: entryOf(row, row.created_at) };
  }

  /**
   * The records of a grid that were there at a revision and changed since, as they were. What did not change since is as it
   * is now. Takes time with what was appended since.
   */
  changedSince(grid: string, revision: Revision): readonly Entry[] {
    const rows = this.#db.prepare<[string, Revision, Revision], Row>(`
      SELECT before.*, body FROM history after CROSS JOIN history before ON before.revision = after.previous LEFT JOIN bodies ON bodies.revision = before.revision
      WHERE after.grid = ? AND after.revision > ? AND after.previous <= ? AND before.body_hash IS NOT NULL`);
    return rows.all(grid, revision, revision).map((row) => entryOf(row, this.#createdAt(row)));
  }

  /** When a record was put first, since it was last dropped. */
  #createdAt(row: Bodiless): Instant {
    let first = row;
    for (let before = this.#putAt(row.previous); before !== undefined; before = this.#putAt(before.previous)) first = before;
    return first.at;
  }

  #putAt(revision: Revision | null): Bodiless | undefined {
    const row = revision === null ? undefined : this.#row.get(revision);
    return row?.body_hash === null ? undefined : row;
  }

  /** The newest revision at a moment; 0 when that was before the first. Times never fall, so halving finds it. */
  revisionAt(time: Instant): Revision {
    let low = 0;
    let high = this.#tail.revision;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#rowUpTo.get(middle)?.at ?? Infinity) <= time) low = middle;
      else high = middle - 1;
    }
    return this.#rowUpTo.get(low)?.revision ?? 0;
  }

  /** Of one record, takes time with the rows of that record; otherwise, with the rows between `after` and `upTo` until `limit` is reached. */
  query({ grid, kind, name, after = 0, upTo = Infinity, limit = -1, newestFirst = false }: HistoryQuery): readonly Logged[] {
    const isOneRecord = grid !== undefined && kind !== undefined && name !== undefined;
    const wanted = Object.entries({ grid, kind, name }).filter(([, value]) => value !== undefined);
    const rows = this.#db.prepare<[object], Row>(`
      SELECT rows.*, body FROM (${isOneRecord ? OF_RECORD : 'SELECT * FROM history'}) rows LEFT JOIN bodies USING (revision)
      WHERE revision > @after AND revision <= @upTo ${wanted.map(([column]) => `AND ${column} = @${column}`).join(' ')}
      ORDER BY revision ${newestFirst ? 'DESC' : 'ASC'} LIMIT @limit`);
    return rows.all({ ...Object.fromEntries(wanted), after, upTo, limit }).map(loggedOf);
  }
}

function entryOf({ kind, name, revision, at, actor, body }: Row, createdAt: Instant): Entry {
  return freeze({ kind, name, body: JSON.parse(body ?? '') as Bodies[Kind], revision, createdAt, updatedAt: at, updatedBy: actor }) as Entry;
}

function loggedOf({ revision, at, writer, actor, reason, kind, grid, name, body, body_hash, hash }: Row): Logged {
  const parsed = body === null ? undefined : (JSON.parse(body) as Bodies[Kind]);
  return { revision, at, writer, actor, grid, change: { kind, name, body: parsed, why: reason } as Change, isCompacted: body === null && body_hash !== null, hash };
}
