import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { KontenaError } from '../model/index.js';
import { APPLICATION_ID, FORMAT, MIGRATIONS, SCHEMA } from './schema.js';
import { storeError } from './sqlite-error.js';

/** In memory, for tests: nothing to lock, nothing to lose. */
export const IN_MEMORY = ':memory:';

/** How long a commit waits for someone else's lock, such as a person's with the `sqlite3` tool. The process stands still meanwhile. */
const BUSY_MS = 1000;

/** Records are in memory; SQLite's own cache serves the tails of a few indexes. In KiB. */
const CACHE_KIB = 4096;

/**
 * Opens the file and makes its tables when they are not there.
 * @throws KontenaError KON_STORE_DAMAGED when it is not a store, KON_STORE_FORMAT when a newer Kontena wrote it,
 *   KON_FILE_UNREADABLE, KON_STORE_FULL
 */
export function openDatabase(file: string): Database.Database {
  makePrivate(file);
  const db = new Database(file, { timeout: BUSY_MS });
  try {
    const format = db.pragma('user_version', { simple: true }) as number;
    const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() as number;
    if (tables > 0 && db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
      throw new KontenaError('KON_STORE_DAMAGED', `${file} is an SQLite database, but not a Kontena store`);
    }
    if (format > FORMAT) throw new KontenaError('KON_STORE_FORMAT', `${file} has format ${format}; this version of Kontena reads up to ${FORMAT}`);
    const hasRoomBack = prepareForVacuum(db, tables === 0);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('secure_delete = ON'); // what is erased is overwritten
    db.pragma(`cache_size = -${CACHE_KIB}`);
    db.transaction(() => {
      if (tables === 0) db.exec(SCHEMA);
      else for (const { from, sql } of MIGRATIONS) if (format <= from) db.exec(sql);
    }).immediate();
    if (!hasRoomBack) db.exec('VACUUM');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Takes what only one process can have: an exclusive lock of SQLite on an empty file beside the store. It is the operating
 * system's, so it ends with the process however that ends, and the store itself stays readable for the `sqlite3` tool.
 *
 * @returns gives the lock back
 * @throws KontenaError KON_STORE_IN_USE, KON_FILE_UNREADABLE
 */
export function lock(file: string): () => void {
  if (file === IN_MEMORY) return () => undefined;
  needFolder(file);
  let holder: Database.Database | undefined;
  try {
    makePrivate(`${file}.lock`);
    const held = (holder = new Database(`${file}.lock`, { timeout: 0 }));
    held.exec('BEGIN EXCLUSIVE');
    return () => held.close();
  } catch (error) {
    holder?.close();
    const why = storeError(`the store ${file} cannot be locked for this process`, error);
    throw why.code === 'KON_STORE_IN_USE' ? new KontenaError(why.code, `the store ${file} is in use by another process`, { cause: error }) : why;
  }
}

/**
 * Lets pages that become free be given back in small steps. SQLite decides so when a file is made; one that was made without
 * is written anew once, after {@link openDatabase} brought its tables up to date. Returns whether that is settled.
 */
function prepareForVacuum(db: Database.Database, isNew: boolean): boolean {
  const INCREMENTAL = 2;
  if (db.pragma('auto_vacuum', { simple: true }) === INCREMENTAL) return true;
  db.pragma('auto_vacuum = INCREMENTAL');
  return isNew;
}

/** Makes a file that its owner alone may read, where there is none. SQLite gives what it writes beside a file the file's mode. */
export function makePrivate(file: string): void {
  if (file !== IN_MEMORY) closeSync(openSync(file, 'a', 0o600));
}

/** @throws KontenaError KON_FILE_UNREADABLE when there is no folder to hold the file */
export function needFolder(file: string): void {
  if (!existsSync(dirname(file))) throw new KontenaError('KON_FILE_UNREADABLE', `${dirname(file)}, the folder of ${file}, does not exist`);
}
