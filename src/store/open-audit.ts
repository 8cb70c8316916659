import Database from 'better-sqlite3';
import { KontenaError } from '../model/index.js';
import type { AuditLog } from '../ports/index.js';
import { type AuditOptions, SqliteAuditLog } from './audit-log.js';
import { makePrivate } from './database.js';
import { storeError } from './sqlite-error.js';
import { type WriteLog, writeLogOf } from './write-log.js';

/** Raised when the tables change. */
const FORMAT = 1;

/** `KonA` in ASCII: lets `file` and us tell an audit log from any other SQLite database. */
const APPLICATION_ID = 0x4b6f6e41;

/** What is looked for is read out of the entries, and stands nowhere else: so nothing beside them can say otherwise. */
const SCHEMA = `
CREATE TABLE entries (
  number INTEGER PRIMARY KEY,  -- from 1, without a gap
  entry  TEXT NOT NULL,        -- JSON
  hash   TEXT NOT NULL,        -- of it and all before it, in hex
  at     INTEGER GENERATED ALWAYS AS (entry ->> 'at') VIRTUAL,
  grid   TEXT    GENERATED ALWAYS AS (entry ->> 'grid') VIRTUAL,
  who    TEXT    GENERATED ALWAYS AS (entry ->> 'who') VIRTUAL,
  action TEXT    GENERATED ALWAYS AS (entry ->> 'action') VIRTUAL
) STRICT;

CREATE TABLE signatures (
  number    INTEGER PRIMARY KEY,  -- the last entry it covers
  at        INTEGER NOT NULL,
  signature TEXT    NOT NULL      -- Ed25519, in base64
) STRICT;

CREATE TRIGGER entries_are_as_written BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'entries of the audit log are never changed'); END;
CREATE TRIGGER entries_stay BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'entries of the audit log are never removed'); END;
CREATE TRIGGER signatures_are_as_written BEFORE UPDATE ON signatures
  BEGIN SELECT RAISE(ABORT, 'signatures of the audit log are never changed'); END;
CREATE TRIGGER signatures_stay BEFORE DELETE ON signatures
  BEGIN SELECT RAISE(ABORT, 'signatures of the audit log are never removed'); END;

PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${FORMAT};
`;

/**
 * Opens the audit log in a file, or makes it. For the process that has the store open: there is no lock of its own.
 *
 * @param file a path, or `:memory:`
 * @param openWriteLog how what was written is brought to the disk
 * @throws KontenaError KON_STORE_DAMAGED, KON_STORE_FORMAT, KON_STORE_FULL, KON_FILE_UNREADABLE
 */
export function openAudit(file: string, options: AuditOptions, openWriteLog: (file: string) => WriteLog = writeLogOf): AuditLog {
  let db: Database.Database | undefined;
  try {
    makePrivate(file);
    db = new Database(file);
    prepare(db, file);
    return new SqliteAuditLog({ db, writeLog: openWriteLog(file) }, options);
  } catch (error) {
    db?.close();
    throw storeError(`the audit log ${file} cannot be opened`, error);
  }
}

function prepare(db: Database.Database, file: string): void {
  const isNew = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
  if (!isNew && db.pragma('application_id', { simple: true }) !== APPLICATION_ID) throw new KontenaError('KON_STORE_DAMAGED', `${file} is an SQLite database, but not an audit log`);
  const format = db.pragma('user_version', { simple: true }) as number;
  if (format > FORMAT) throw new KontenaError('KON_STORE_FORMAT', `${file} has format ${format}; this version of Kontena reads up to ${FORMAT}`);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  if (isNew) db.transaction(() => db.exec(SCHEMA)).immediate();
  db.pragma('synchronous = NORMAL'); // what is noted from now on is waited for beside other work
}
