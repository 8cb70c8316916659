/** Raised when the tables change; a file of a higher format was written by a newer Kontena. */
export const FORMAT = 4;

/** `Kont` in ASCII: lets `file` and us tell a store from any other SQLite database. */
export const APPLICATION_ID = 0x4b6f6e74;

/** Sealed values. Not history: what is erased here is gone, and the record of its secret stays. */
const SEALED = `
CREATE TABLE sealed (
  grid  TEXT NOT NULL,
  name  TEXT NOT NULL,  -- Secret/db-password@3
  bytes BLOB NOT NULL,
  PRIMARY KEY (grid, name)
) STRICT, WITHOUT ROWID;
`;

/**
 * Bodies lie apart from their rows, so that those which compaction drops leave whole pages behind. The database itself keeps
 * what people declared, and the newest of every record.
 */
const BODIES = `
CREATE TABLE bodies (
  revision INTEGER PRIMARY KEY,  -- of its row in the history
  body     TEXT NOT NULL         -- JSON
) STRICT;

CREATE TRIGGER bodies_are_as_written BEFORE UPDATE ON bodies
  BEGIN SELECT RAISE(ABORT, 'bodies of the history are never changed'); END;
CREATE TRIGGER bodies_that_count_stay BEFORE DELETE ON bodies
  WHEN NOT EXISTS (
    SELECT 1 FROM history LEFT JOIN heads USING (grid, kind, name)
    WHERE history.revision = OLD.revision AND history.writer <> 'api' AND heads.revision IS NOT OLD.revision)
  BEGIN SELECT RAISE(ABORT, 'this body of the history is never removed'); END;
`;

/** A restore leaves numbers out, see leaps.ts. */
const LEAPS = `
CREATE TABLE leaps (
  after INTEGER PRIMARY KEY,  -- the newest row of the history then
  "to"  INTEGER NOT NULL      -- the newest number from then on; rows come after it
) STRICT;
`;

/** The triggers that make the promise of an append-only history the database's own. */
const APPEND_ONLY = `
CREATE TRIGGER history_keeps_its_past BEFORE UPDATE ON history
  BEGIN SELECT RAISE(ABORT, 'rows of the history are never changed'); END;
CREATE TRIGGER history_keeps_its_rows BEFORE DELETE ON history
  BEGIN SELECT RAISE(ABORT, 'rows of the history are never removed'); END;
`;

/** The tables. */
export const SCHEMA = `
-- Desired state is history: rows are appended, never changed, never removed.
CREATE TABLE history (
  revision  INTEGER PRIMARY KEY,
  at        INTEGER NOT NULL,  -- milliseconds since the Unix epoch; never less than in the row before
  writer    TEXT    NOT NULL,  -- the controller, or api
  actor     TEXT    NOT NULL,  -- who asked
  reason    TEXT    NOT NULL,
  kind      TEXT    NOT NULL,
  grid      TEXT    NOT NULL,
  name      TEXT    NOT NULL,
  body_hash TEXT,              -- SHA-256 of its body in hex; NULL where the record was dropped
  previous  INTEGER,           -- revision of the row before of the same record; an index by name would cost as much as all the rest
  hash      TEXT    NOT NULL   -- the chain in hex, see chain.ts
) STRICT;
${APPEND_ONLY}
-- Which rows of the history are the newest of their record: what a start reads instead of the whole history.
CREATE TABLE heads (
  grid       TEXT    NOT NULL,
  kind       TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  revision   INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (grid, kind, name)
) STRICT, WITHOUT ROWID;

-- The last row of each record that is not there any more: where its history is found.
CREATE TABLE dropped (
  grid     TEXT    NOT NULL,
  kind     TEXT    NOT NULL,
  name     TEXT    NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (grid, kind, name)
) STRICT, WITHOUT ROWID;

-- Who this store belongs to, and from which revision on the whole state of that time can be told.
CREATE TABLE meta (
  cluster   TEXT    NOT NULL,
  epoch     INTEGER NOT NULL,
  kept_from INTEGER NOT NULL DEFAULT 0
) STRICT;

PRAGMA application_id = ${APPLICATION_ID};
${SEALED}${BODIES}${LEAPS}
PRAGMA user_version = ${FORMAT};
`;

/** What makes a store of each older format one of the next. */
export const MIGRATIONS: readonly { readonly from: number; readonly sql: string }[] = [
  { from: 1, sql: SEALED },
  {
    from: 2,
    sql: `
DROP TRIGGER history_keeps_its_past;
DROP TRIGGER history_keeps_its_rows;
${BODIES}
INSERT INTO bodies SELECT revision, body FROM history WHERE body IS NOT NULL ORDER BY revision;
ALTER TABLE history DROP COLUMN body;
${APPEND_ONLY}
ALTER TABLE meta ADD COLUMN kept_from INTEGER NOT NULL DEFAULT 0;
`,
  },
  { from: 3, sql: `${LEAPS}PRAGMA user_version = ${FORMAT};` },
];
