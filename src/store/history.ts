import type Database from 'better-sqlite3';
import type { Bodies, Change, Entry, Instant, Kind, Revision, Writer } from '../model/index.js';
import type { HistoryQuery, Logged } from '../ports/index.js';
import { freeze } from './body.js';
import { bodyHash, chained, GENESIS } from './chain.js';

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
  /** The body; undefined for a drop. */
  readonly json: string | undefined;
  /** What is in memory from then on; undefined for a drop. */
  readonly entry: Entry | undefined;
}

/** The end of the history. */
export interface Tail {
  readonly revision: Revision;
  readonly at: Instant;
  readonly hash: Buffer;
}

const EMPTY: Tail = { revision: 0, at: 0 as Instant, hash: GENESIS };

interface HeadRow {
  readonly grid: string;
  readonly kind: Kind;
  readonly name: string;
  readonly created_at: Instant;
  readonly revision: Revision;
  readonly at: Instant;
  readonly actor: string;
  readonly body: string;
}

interface LoggedRow {
  readonly revision: Revision;
  readonly at: Instant;
  readonly writer: Writer;
  readonly actor: string;
  readonly reason: string;
  readonly kind: Kind;
  readonly grid: string;
  readonly name: string;
  readonly body: string | null;
  readonly hash: Buffer;
}

const COLUMNS = 'revision, at, writer, actor, reason, kind, grid, name, body, hash';

/** For each record: the newest row up to a revision, and the moment of the first put after the last drop before it. */
const HEADS_AT = `
  SELECT h.grid, h.kind, h.name, h.revision, h.at, h.actor, h.body, (
    SELECT f.at FROM history f WHERE f.grid = h.grid AND f.kind = h.kind AND f.name = h.name AND f.revision > coalesce((
      SELECT max(d.revision) FROM history d
      WHERE d.grid = h.grid AND d.kind = h.kind AND d.name = h.name AND d.revision < h.revision AND d.body_hash IS NULL
    ), 0) ORDER BY f.revision LIMIT 1
  ) AS created_at
  FROM (SELECT max(revision) AS revision FROM history WHERE grid = ? AND revision <= ? GROUP BY grid, kind, name) newest
  JOIN history h ON h.revision = newest.revision
  WHERE h.body_hash IS NOT NULL
  ORDER BY h.kind, h.name`;

/** The tables of one store: what is appended, and what is read back. */
export class History {
  readonly #db: Database.Database;
  readonly #insert: Database.Statement;
  readonly #putHead: Database.Statement;
  readonly #dropHead: Database.Statement;
  readonly #timeOf: Database.Statement<[Revision], Instant>;
  #tail: Tail;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#insert = db.prepare(`INSERT INTO history (${COLUMNS}, body_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#putHead = db.prepare(`INSERT INTO heads (grid, kind, name, revision, created_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (grid, kind, name) DO UPDATE SET revision = excluded.revision, created_at = excluded.created_at`);
    this.#dropHead = db.prepare('DELETE FROM heads WHERE grid = ? AND kind = ? AND name = ?');
    this.#timeOf = db.prepare<[Revision], Instant>('SELECT at FROM history WHERE revision = ?').pluck();
    this.#tail = db.prepare<[], Tail>('SELECT revision, at, hash FROM history ORDER BY revision DESC LIMIT 1').get() ?? EMPTY;
  }

  get tail(): Tail {
    return this.#tail;
  }

  /** Appends all or, when it throws, nothing. One transaction, one fsync. */
  append(changes: readonly Append[]): void {
    this.#tail = this.#db.transaction(() => changes.reduce((tail, change) => this.#write(tail, change), this.#tail)).immediate();
  }

  #write(tail: Tail, change: Append): Tail {
    const { revision, at, writer, actor, reason, kind, grid, name, json, entry } = change;
    const body = bodyHash(json);
    const hash = chained(tail.hash, change, body);
    this.#insert.run(revision, at, writer, actor, reason, kind, grid, name, json ?? null, hash, body ?? null);
    if (entry === undefined) this.#dropHead.run(grid, kind, name);
    else this.#putHead.run(grid, kind, name, revision, entry.createdAt);
    return { revision, at, hash };
  }

  /** The newest of every record, in the order of grid, kind and name. */
  *heads(): Iterable<{ readonly grid: string; readonly entry: Entry }> {
    const rows = this.#db.prepare<[], HeadRow>(`
      SELECT n.grid, n.kind, n.name, n.created_at, h.revision, h.at, h.actor, h.body
      FROM heads n JOIN history h ON h.revision = n.revision ORDER BY n.grid, n.kind, n.name`);
    for (const row of rows.iterate()) yield { grid: row.grid, entry: entryOf(row) };
  }

  /** The records of a grid as they were at a revision. Takes time with all the grid's history before it. */
  *headsAt(grid: string, revision: Revision): Iterable<Entry> {
    for (const row of this.#db.prepare<[string, Revision], HeadRow>(HEADS_AT).iterate(grid, revision)) yield entryOf(row);
  }

  /** The newest revision at a moment; 0 when that was before the first. Times never fall, so halving finds it. */
  revisionAt(time: Instant): Revision {
    let low = 0;
    let high = this.#tail.revision;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#timeOf.get(middle) ?? Infinity) <= time) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  query({ grid, kind, name, after = 0, upTo, limit = -1, newestFirst = false }: HistoryQuery): readonly Logged[] {
    const conditions = Object.entries({ 'grid = ?': grid, 'kind = ?': kind, 'name = ?': name, 'revision > ?': after, 'revision <= ?': upTo })
      .filter(([, value]) => value !== undefined);
    const where = conditions.map(([condition]) => condition).join(' AND ');
    const rows = this.#db.prepare<unknown[], LoggedRow>(
      `SELECT ${COLUMNS} FROM history WHERE ${where} ORDER BY revision ${newestFirst ? 'DESC' : 'ASC'} LIMIT ?`);
    return rows.all(...conditions.map(([, value]) => value), limit).map(loggedOf);
  }
}

function entryOf({ kind, name, revision, at, actor, body, created_at }: HeadRow): Entry {
  const entry = { kind, name, body: JSON.parse(body) as Bodies[Kind], revision, createdAt: created_at, updatedAt: at, updatedBy: actor };
  return freeze(entry) as Entry;
}

function loggedOf({ revision, at, writer, actor, reason, kind, grid, name, body, hash }: LoggedRow): Logged {
  const parsed = body === null ? undefined : (JSON.parse(body) as Bodies[Kind]);
  return { revision, at, writer, actor, grid, change: { kind, name, body: parsed, why: reason } as Change, hash: hash.toString('hex') };
}
