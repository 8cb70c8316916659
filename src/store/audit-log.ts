import type Database from 'better-sqlite3';
import { moveWhole } from '../files/index.js';
import { type AuditEntry, type AuditFact, type AuditLine, type AuditTitle, elapsedMs, type Instant, KontenaError, type Millis } from '../model/index.js';
import type { AuditFilter, AuditLog, AuditSeal, Clock } from '../ports/index.js';
import { makePrivate } from './database.js';
import { isPassing, storeError } from './sqlite-error.js';
import type { WriteLog } from './write-log.js';

export interface AuditOptions {
  /** Whose log it is. */
  readonly cluster: string;
  readonly seal: AuditSeal;
  readonly clock: Clock;
  /** Called once when a write failed in a way that leaves unknown what is on disk. */
  readonly onFatal: (error: KontenaError) => void;
}

/** The file and what it is written through. */
export interface AuditFile {
  readonly db: Database.Database;
  readonly writeLog: WriteLog;
}

interface Tail {
  readonly number: number;
  readonly at: Instant;
  readonly hash: string;
}

interface Signed {
  readonly number: number;
  readonly at: Instant;
}

/** A fact on its way to the disk. */
interface Noted {
  readonly at: Instant;
  readonly fact: AuditFact;
}

type Settle = readonly [succeed: () => void, fail: (error: KontenaError) => void];

/** How much may come before a signature: so many entries, or so long. What is written after a pause is signed at once. */
const SIGN_AFTER = { entries: 1000, ms: 60_000 as Millis };
/** Rows that are looked at in one turn, and exported as one piece. */
const PAGE = { looked: 10_000, exported: 500 };

/**
 * The audit log on one SQLite file. Rows are written in the order in which facts were noted; the disk is waited for beside
 * other work, so that changes, which wait for it themselves, are hardly slower for being noted.
 */
export class SqliteAuditLog implements AuditLog {
  readonly #db: Database.Database;
  readonly #writeLog: WriteLog;
  readonly #options: AuditOptions;
  readonly #insert: Database.Statement;
  readonly #insertSignature: Database.Statement;
  readonly #write: Database.Transaction<(facts: readonly Noted[]) => void>;
  readonly #listeners = new Set<() => void>();
  /** Noted, and not written. */
  #waiting: Noted[] = [];
  /** Who waits for that to be on disk. */
  #asking: Settle[] = [];
  /** Who waits for what was written to be on disk. */
  readonly #syncing: Settle[] = [];
  #isSyncing = false;
  #isDue = false;
  /** Why there was no room the last time. */
  #full: KontenaError | undefined;
  #tail: Tail;
  #signed: Signed;

  constructor({ db, writeLog }: AuditFile, options: AuditOptions) {
    this.#db = db;
    this.#writeLog = writeLog;
    this.#options = options;
    this.#insert = db.prepare('INSERT INTO entries (number, entry, hash) VALUES (?, ?, ?)');
    this.#insertSignature = db.prepare('INSERT INTO signatures (number, at, signature) VALUES (?, ?, ?)');
    this.#write = db.transaction((facts: readonly Noted[]) => {
      for (const noted of facts) this.#append(noted);
      if (this.#tail.number - this.#signed.number >= SIGN_AFTER.entries || elapsedMs(this.#signed.at, options.clock.now()) >= SIGN_AFTER.ms) this.#sign();
    });
    this.#tail = db.prepare<[], Tail>('SELECT number, at, hash FROM entries ORDER BY number DESC LIMIT 1').get() ?? { number: 0, at: 0 as Instant, hash: options.seal.genesis };
    this.#signed = db.prepare<[], Signed>('SELECT number, at FROM signatures ORDER BY number DESC LIMIT 1').get() ?? { number: 0, at: 0 as Instant };
  }

  get last(): number {
    return this.#tail.number;
  }

  note(fact: AuditFact): Promise<void> {
    if (!this.#db.open) return Promise.reject(new KontenaError('KON_STORE_FAILED', 'the audit log is closed'));
    this.#waiting.push({ at: this.#options.clock.now(), fact });
    return new Promise((resolve, reject) => {
      this.#asking.push([resolve, reject]);
      if (this.#isDue) return;
      this.#isDue = true;
      this.#options.clock.soon(() => this.#flush());
    });
  }

  requireRoom(): void {
    if (this.#full === undefined) return;
    this.#flush();
    if (isStill(this.#full)) throw this.#full;
  }

  lastBefore(moment: number): number {
    const at = this.#db.prepare<[number], number>('SELECT at FROM entries WHERE number = ?').pluck();
    let low = 0;
    let high = this.#tail.number;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((at.get(middle) ?? Infinity) < moment) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  page(after: number, { grid, who, action }: AuditFilter): { readonly entries: readonly AuditEntry[]; readonly through: number } {
    this.#settle(); // what was noted is seen
    const through = Math.min(after + PAGE.looked, this.#tail.number);
    const wanted = [...(grid === undefined ? [] : ['grid = @grid']), ...(who === undefined ? [] : ['who = @who']), ...(action === undefined ? [] : ['action GLOB @action'])];
    const found = this.#db.prepare<[object], string>(`SELECT entry FROM entries WHERE ${['number > @after', 'number <= @through', ...wanted].join(' AND ')} ORDER BY number`).pluck();
    return { entries: found.all({ after, through, grid, who, action }).map((entry) => JSON.parse(entry) as AuditEntry), through };
  }

  *exported(): Iterable<string> {
    this.#flush();
    this.#sign();
    this.#settle();
    const end = this.#tail.number;
    const { cluster, seal } = this.#options;
    yield lineOf({ audit: 1, cluster, publicKey: seal.publicKey } satisfies AuditTitle);
    const rows = this.#db.prepare<[number, number], Row>(`
      SELECT number, entry, hash, signatures.at AS signedAt, signature FROM entries LEFT JOIN signatures USING (number) WHERE number > ? AND number <= ? ORDER BY number`);
    for (let after = 0; after < end; after += PAGE.exported) yield rows.all(after, Math.min(after + PAGE.exported, end)).map(linesOf).join('');
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async copyTo(file: string): Promise<void> {
    const partial = `${file}.partial`;
    makePrivate(partial);
    await this.#db.backup(partial);
    await moveWhole(partial, file);
  }

  close(): void {
    this.#flush();
    if (this.#full === undefined) this.#sign();
    this.#settle();
    this.#writeLog.close();
    this.#db.close();
  }

  #append(noted: Noted): void {
    const number = this.#tail.number + 1;
    const at = Math.max(noted.at, this.#tail.at) as Instant;
    const entry = JSON.stringify({ number, at, ...noted.fact } satisfies AuditEntry);
    const hash = this.#options.seal.chained(this.#tail.hash, entry);
    this.#insert.run(number, entry, hash);
    this.#tail = { number, at, hash };
  }

  #flush(): void {
    this.#isDue = false;
    const [facts, asking] = [this.#waiting, this.#asking];
    if (facts.length === 0) return;
    this.#asking = [];
    const before = [this.#tail, this.#signed] as const;
    try {
      this.#write.immediate(facts);
    } catch (error) {
      [this.#tail, this.#signed] = before;
      const why = (this.#full = storeError('the audit log was not written', error));
      for (const [, fail] of asking) fail(why);
      if (!isPassing(why)) this.#options.clock.soon(() => this.#options.onFatal(why));
      return;
    }
    this.#waiting = [];
    this.#full = undefined;
    this.#syncing.push(...asking);
    this.#syncSoon();
  }

  /** One sync at a time: what is written meanwhile waits for the next. */
  #syncSoon(): void {
    if (this.#isSyncing || this.#syncing.length === 0) return;
    this.#isSyncing = true;
    const asking = this.#syncing.splice(0);
    this.#writeLog.sync((error) => {
      this.#isSyncing = false;
      this.#synced(asking, error);
      this.#syncSoon();
    });
  }

  /** Writes what was noted, and waits for the disk. */
  #settle(): void {
    this.#flush();
    if (this.#isSyncing) this.#synced(this.#syncing.splice(0), this.#writeLog.syncNow());
  }

  #synced(asking: readonly Settle[], error: unknown): void {
    if (error === undefined) {
      for (const [succeed] of asking) succeed();
      for (const listener of [...this.#listeners]) listener();
      return;
    }
    const why = new KontenaError('KON_STORE_FAILED', 'the audit log did not reach the disk', { cause: error });
    for (const [, fail] of asking) fail(why);
    this.#options.clock.soon(() => this.#options.onFatal(why));
  }

  /** Signs all that was written, unless it is. */
  #sign(): void {
    const { number, hash } = this.#tail;
    if (number === this.#signed.number) return;
    const { cluster, seal, clock } = this.#options;
    const at = clock.now();
    this.#insertSignature.run(number, at, seal.sign({ cluster, number, hash, at }));
    this.#signed = { number, at };
  }
}

interface Row {
  readonly number: number;
  /** JSON. */
  readonly entry: string;
  readonly hash: string;
  readonly signedAt: number | null;
  readonly signature: string | null;
}

/** The text of an entry goes out as it was chained. */
const linesOf = ({ number, entry, hash, signedAt, signature }: Row): string =>
  `{"entry":${entry},"hash":"${hash}"}\n${signature === null || signedAt === null ? '' : lineOf({ number, at: signedAt, signature })}`;

const lineOf = (line: AuditTitle | AuditLine): string => `${JSON.stringify(line)}\n`;

const isStill = (full: KontenaError | undefined): full is KontenaError => full !== undefined;
