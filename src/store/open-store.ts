import { KontenaError, messageOf } from '../model/index.js';
import type { Clock, Random, Store } from '../ports/index.js';
import { lock, openDatabase } from './database.js';
import { leap } from './leaps.js';
import { storeError } from './sqlite-error.js';
import { type Opened, SqliteStore } from './sqlite-store.js';
import type Database from 'better-sqlite3';

export interface StoreWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly onFatal: Opened['onFatal'];
}

/** Makes an id that no other cluster has: 96 bits. */
const CLUSTER_BYTES = 12;

/**
 * Opens the store in a file, or makes it. One process at a time: the lock ends with the process.
 *
 * @param file a path, or `:memory:`
 * @throws KontenaError KON_STORE_IN_USE, KON_STORE_DAMAGED, KON_STORE_FORMAT, KON_STORE_FULL, KON_FILE_UNREADABLE
 */
export function openStore(file: string, { clock, random, onFatal }: StoreWorld): Store {
  return opened(file, (db, release) => new SqliteStore({ db, identity: identify(db, random), clock, onFatal, release }));
}

/**
 * Makes a restored store one that agents obey instead of what it was restored from, and that gives no number again which that
 * one gave after the backup. Epochs are seconds since 1970 at the restore, so that the same backup restored twice gives two.
 *
 * @throws as {@link openStore}; KON_STORE_DAMAGED when there is no store in the file
 */
export function raiseEpoch(file: string, clock: Clock): void {
  opened(file, (db, release) => {
    const now = clock.now();
    db.transaction(() => {
      const { changes } = db.prepare('UPDATE meta SET epoch = max(epoch + 1, ?)').run(Math.floor(now / 1000));
      if (changes !== 1) throw new KontenaError('KON_STORE_DAMAGED', `${file} is not a store of any cluster`);
      leap(db, now);
    }).immediate();
    db.close();
    release();
  });
}

function opened<T>(file: string, use: (db: Database.Database, release: () => void) => T): T {
  const release = lock(file);
  let db: Database.Database | undefined;
  try {
    db = openDatabase(file);
    return use(db, release);
  } catch (error) {
    db?.close();
    release();
    throw error instanceof SyntaxError
      ? new KontenaError('KON_STORE_DAMAGED', `the store ${file} holds a record that cannot be read: ${messageOf(error)}`, { cause: error })
      : storeError(`the store ${file} cannot be opened`, error);
  }
}

/** Who this store belongs to; a new store becomes a cluster of its own. */
function identify(db: Database.Database, random: Random): Store['identity'] {
  db.prepare('INSERT INTO meta (cluster, epoch) SELECT ?, 1 WHERE NOT EXISTS (SELECT 1 FROM meta)').run(random.secret(CLUSTER_BYTES));
  return db.prepare('SELECT cluster, epoch FROM meta').get() as Store['identity'];
}
