import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { IN_MEMORY } from './database.js';

/**
 * Brings what SQLite has written to its log of writes (`-wal`) to the disk, beside other work. With `synchronous = NORMAL`
 * SQLite itself waits for the disk only where it moves that log into the main file, so that both together promise what
 * `FULL` does.
 *
 * @see https://www.sqlite.org/wal.html, "Avoiding Excessively Large WAL Files" and the checkpoint's two syncs
 */
export interface WriteLog {
  /** Calls `done` when all that was written by now is on disk, or with why it is not. */
  sync(done: (error: unknown) => void): void;
  /** The same, waited for; returns why it is not on disk. */
  syncNow(): unknown;
  close(): void;
}

/** Of a database in memory: nothing to wait for. */
const NOTHING: WriteLog = { sync: (done) => done(undefined), syncNow: () => undefined, close: () => undefined };

/**
 * Of a database that is open in WAL mode and was read from, so that its log is there. SQLite's locks are on other files, so
 * that closing this one gives none of them back.
 *
 * @param file a path, or `:memory:`
 */
export function writeLogOf(file: string): WriteLog {
  if (file === IN_MEMORY) return NOTHING;
  const log = openSync(`${file}-wal`, 'r+');
  let underWay = 0;
  let isClosed = false;
  const closeIfLast = (): void => {
    if (isClosed && underWay === 0) closeSync(log);
  };
  return {
    sync: (done) => {
      underWay += 1;
      fdatasync(log, (error) => {
        underWay -= 1;
        closeIfLast();
        done(error ?? undefined);
      });
    },
    syncNow: () => {
      try {
        fdatasyncSync(log);
        return undefined;
      } catch (error) {
        return error;
      }
    },
    close: () => {
      isClosed = true;
      closeIfLast();
    },
  };
}
