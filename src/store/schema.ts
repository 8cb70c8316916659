/** Raised when the tables change; a file of a higher format was written by a newer Kontena. */
export const FORMAT = 2;

/** `Kont` in ASCII: lets `file` and us tell a store from any other SQLite database. */
export const APPLICATION_ID = 0x4b6f6e74;

/**
 * Sealed values. Not history: what is erased here is gone, and the record of its secret stays. The only table that format 1
 * did not have.
 */
export const SEALED = `
CREATE TABLE sealed (
  grid  TEXT NOT NULL,
  name  TEXT NOT NULL,  -- Secret/db-password@3
  bytes BLOB NOT NULL,
  PRIMARY KEY (grid, name)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = ${FORMAT};
`;

/** The tables. Two triggers make the promise of an append-only history the database's own. */
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
  body      TEXT,              -- JSON; NULL where the record was dropped
  body_hash TEXT,              -- SHA-256 of body in hex; NULL where the record was dropped
  previous  INTEGER,           -- revision of the row before of the same record; an index by name would cost as much as all the rest
  hash      TEXT    NOT NULL   -- the chain in hex, see chain.ts
) STRICT;

CREATE TRIGGER history_keeps_its_past BEFORE UPDATE ON history
  BEGIN SELECT RAISE(ABORT, 'rows of the history are never changed'); END;
CREATE TRIGGER history_keeps_its_rows BEFORE DELETE ON history
  BEGIN SELECT RAISE(ABORT, 'rows of the history are never removed'); END;

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

-- Who this store belongs to.
CREATE TABLE meta (
  cluster TEXT    NOT NULL,
  epoch   INTEGER NOT NULL
) STRICT;

PRAGMA application_id = ${APPLICATION_ID};
${SEALED}`;
