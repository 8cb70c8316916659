import { type ErrorCode, KontenaError, messageOf } from '../model/index.js';

/** What SQLite, or the system, says, by the beginning of its code, as what we say. The first that fits counts. */
const CODES: readonly (readonly [prefix: string, code: ErrorCode])[] = [
  ['SQLITE_FULL', 'KON_STORE_FULL'],
  ['SQLITE_IOERR_SHMSIZE', 'KON_STORE_FULL'], // no room for the index of the write-ahead log
  ['SQLITE_BUSY', 'KON_STORE_IN_USE'],
  ['SQLITE_CORRUPT', 'KON_STORE_DAMAGED'],
  ['SQLITE_NOTADB', 'KON_STORE_DAMAGED'],
  ['SQLITE_CANTOPEN', 'KON_FILE_UNREADABLE'],
  ['SQLITE_READONLY', 'KON_FILE_UNREADABLE'],
  ['SQLITE_PERM', 'KON_FILE_UNREADABLE'],
  ['ENOSPC', 'KON_STORE_FULL'],
  ['E', 'KON_FILE_UNREADABLE'], // the system's own, such as EACCES
];

/** @param what what was being done, and to what: `the store /data/store.sqlite cannot be opened` */
export function storeError(what: string, error: unknown): KontenaError {
  if (error instanceof KontenaError) return error;
  const code = CODES.find(([prefix]) => sqliteCode(error).startsWith(prefix))?.[1] ?? 'KON_STORE_FAILED';
  return new KontenaError(code, `${what}: ${messageOf(error)}`, { cause: error });
}

/** Failures of a commit that SQLite takes back cleanly; after any other, nobody knows what is on disk. */
export const isPassing = ({ code }: KontenaError): boolean => code === 'KON_STORE_FULL' || code === 'KON_STORE_IN_USE';

/** By its code, not its class: the native part of better-sqlite3 keeps the class of whichever context of the process loaded it first. */
function sqliteCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
