import Database from 'better-sqlite3';
import { type ErrorCode, KontenaError, messageOf } from '../model/index.js';

/** What SQLite says, by the beginning of its code, as what we say. The first that fits counts. */
const CODES: readonly (readonly [prefix: string, code: ErrorCode])[] = [
  ['SQLITE_FULL', 'KON_STORE_FULL'],
  ['SQLITE_IOERR_SHMSIZE', 'KON_STORE_FULL'], // no room for the index of the write-ahead log
  ['SQLITE_BUSY', 'KON_STORE_IN_USE'],
  ['SQLITE_CORRUPT', 'KON_STORE_DAMAGED'],
  ['SQLITE_NOTADB', 'KON_STORE_DAMAGED'],
  ['SQLITE_CANTOPEN', 'KON_FILE_UNREADABLE'],
  ['SQLITE_READONLY', 'KON_FILE_UNREADABLE'],
  ['SQLITE_PERM', 'KON_FILE_UNREADABLE'],
];

/** @param what what was being done, and to what: `the store /data/store.sqlite cannot be opened` */
export function storeError(what: string, error: unknown): KontenaError {
  if (error instanceof KontenaError) return error;
  const sqlite = error instanceof Database.SqliteError ? error.code : '';
  const code = CODES.find(([prefix]) => sqlite.startsWith(prefix))?.[1] ?? 'KON_STORE_FAILED';
  return new KontenaError(code, `${what}: ${messageOf(error)}`, { cause: error });
}
