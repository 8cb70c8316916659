import { existsSync, rmSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { moveWhole } from '../files/index.js';
import { type Change, type Instant, isSame, KIND, KontenaError, later, messageOf, type Millis, type Revision } from '../model/index.js';
import type { Author, ChainState, Changed, Clock, Committed, Decision, HistoryQuery, Logged, Store, View } from '../ports/index.js';
import { Compaction } from './compaction.js';
import { makePrivate, needFolder } from './database.js';
import { Grids, GridView } from './grids.js';
import { type Append, History } from './history.js';
import { checkAuthor, entryOf, prepare, sealedWrites } from './prepare.js';
import { Sealed, type SealedWrite } from './sealed.js';
import { isPassing, storeError } from './sqlite-error.js';
import { verify } from './verify.js';

export interface Opened {
  readonly db: Database.Database;
  readonly identity: Store['identity'];
  readonly clock: Clock;
  /** Called once, after the callers were answered, when a commit failed in a way that leaves unknown what is on disk. */
  readonly onFatal: (error: KontenaError) => void;
  /** Gives back the lock on the file. */
  readonly release: () => void;
}

/** What was decided in one turn of the event loop, and goes to disk as one. */
interface Batch {
  readonly appends: Append[];
  readonly sealed: SealedWrite[];
  readonly written: Promise<void>;
  readonly succeed: () => void;
  readonly fail: (error: KontenaError) => void;
}

/** Between two steps of a compaction: it takes about a fifth of the time, and everything else has its turn. */
const REST_MS: Millis = 20;

/** The store on one SQLite file. */
export class SqliteStore implements Store {
  readonly identity: Store['identity'];
  readonly #db: Database.Database;
  readonly #clock: Clock;
  readonly #onFatal: Opened['onFatal'];
  readonly #release: () => void;
  readonly #history: History;
  readonly #sealed: Sealed;
  readonly #compaction: Compaction;
  readonly #grids = new Grids();
  readonly #listeners = new Set<(changed: readonly Changed[]) => void>();
  readonly #copies = new Set<Promise<void>>();
  #batch: Batch | undefined;
  /** Why nothing can be written any more. */
  #end: KontenaError | undefined;

  constructor({ db, identity, clock, onFatal, release }: Opened) {
    this.#db = db;
    this.identity = identity;
    this.#clock = clock;
    this.#onFatal = onFatal;
    this.#release = release;
    this.#history = new History(db);
    this.#sealed = new Sealed(db);
    this.#compaction = new Compaction(db);
    for (const { grid, entry } of this.#history.heads()) {
      this.#grids.decide(grid, entry.kind, entry.name, entry);
      this.#grids.settle(grid, entry.kind, entry.name, entry);
    }
    clock.neverBefore(this.#history.tail.at); // moments in records are compared with this life's
  }

  get revision(): Revision {
    return this.#history.tail.revision;
  }

  knows(revision: Revision): boolean {
    return this.#history.knows(revision);
  }

  grids(): readonly string[] {
    return this.#grids.names();
  }

  view(grid: string): View {
    return new GridView(grid, this.#grids.of(grid).durable, () => this.revision);
  }

  viewAt(grid: string, when: { readonly revision: Revision } | { readonly time: Instant }): View {
    const revision = 'revision' in when ? when.revision : this.#history.revisionAt(when.time);
    if (!this.knows(revision)) {
      const asked = 'revision' in when ? `revision ${revision}` : 'that moment';
      throw new KontenaError('KON_REVISION_UNKNOWN', `the history does not know ${asked}; it has the revisions 1 to ${this.revision}, but for those that a restore lost`);
    }
    const { keptFrom } = this.#compaction;
    if (revision < keptFrom) throw new KontenaError('KON_REVISION_COMPACTED', `what was decided up to revision ${keptFrom} is no longer kept in full`);
    const heads = this.#grids.of(grid).durable.copy((entry) => KIND[entry.kind].state === 'desired' && entry.revision <= revision);
    for (const entry of this.#history.changedSince(grid, revision)) heads.put(entry);
    return new GridView(grid, heads, () => revision);
  }

  async update<P extends Decision>(author: Author, decide: (view: View) => P): Promise<Committed<P>> {
    if (this.#end !== undefined) throw this.#end;
    const { pending } = this.#grids.of(author.grid);
    const last = this.#batch?.appends.at(-1) ?? this.#history.tail;
    const plan = decide(new GridView(author.grid, pending, () => last.revision));
    const at = Math.max(this.#clock.now(), last.at) as Instant; // a clock that is set back must not unsort the history
    const appends = prepare(author, plan.steps, { current: (kind, name) => pending.get(kind, name), revision: last.revision, at });
    const sealed = sealedWrites(author, plan);
    if (appends.length + sealed.length > 0) {
      author.onDecided?.();
      this.#decided(appends, sealed);
    }
    // Even a plan without steps may rest on what another decided in this turn: it is true when that is on disk.
    await this.#batch?.written;
    return { plan, revision: appends.at(-1)?.revision ?? last.revision };
  }

  observe(author: Author, steps: readonly Change[]): void {
    checkAuthor(author, steps, 'observed');
    const { writer, grid, actor = writer } = author;
    const changed: Changed[] = [];
    for (const { kind, name, body } of steps) {
      const before = this.#grids.of(grid).durable.get(kind, name);
      if (body === undefined ? before === undefined : before !== undefined && isSame(before.body, body)) continue;
      const json = JSON.stringify(body) as string | undefined;
      const entry = json === undefined ? undefined : entryOf({ kind, name, json, before, revision: this.revision, at: this.#clock.now(), actor });
      this.#grids.decide(grid, kind, name, entry);
      this.#grids.settle(grid, kind, name, entry);
      changed.push({ grid, kind, name });
    }
    this.#tell(changed);
  }

  watch(listener: (changed: readonly Changed[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  sealed(grid: string, name: string): Uint8Array | undefined {
    return this.#sealed.get(grid, name);
  }

  sealedNames(grid: string): readonly string[] {
    return this.#sealed.names(grid);
  }

  history(query: HistoryQuery): readonly Logged[] {
    return this.#history.query(query);
  }

  async compact(before: Instant): Promise<void> {
    while (this.#end === undefined && this.#compactSome(before)) await new Promise<void>((rested) => this.#clock.at(later(this.#clock.now(), REST_MS), rested));
  }

  #compactSome(before: Instant): boolean {
    try {
      return this.#compaction.step(before);
    } catch (error) {
      throw storeError('the history was not compacted further', error);
    }
  }

  verify(): ChainState {
    return verify(this.#db);
  }

  async copyTo(file: string): Promise<void> {
    const copy = this.#copy(file);
    this.#copies.add(copy);
    try {
      await copy;
    } finally {
      this.#copies.delete(copy);
    }
  }

  async close(): Promise<void> {
    this.#flush();
    this.#end ??= new KontenaError('KON_STORE_FAILED', 'the store is closed');
    await Promise.allSettled(this.#copies);
    this.#db.close();
    this.#release();
  }

  #decided(appends: readonly Append[], sealed: readonly SealedWrite[]): void {
    if (this.#batch === undefined) {
      this.#batch = newBatch();
      this.#clock.soon(() => this.#flush());
    }
    this.#batch.sealed.push(...sealed);
    for (const append of appends) {
      this.#batch.appends.push(append);
      this.#grids.decide(append.grid, append.kind, append.name, append.entry);
    }
  }

  /** Writes what was decided since the last time, with one fsync; then, and only then, tells anyone. */
  #flush(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    try {
      this.#history.append(batch.appends, () => this.#sealed.write(batch.sealed));
    } catch (error) {
      this.#takeBack(batch, error);
      return;
    }
    for (const { grid, kind, name, entry } of batch.appends) this.#grids.settle(grid, kind, name, entry);
    batch.succeed();
    this.#tell(batch.appends.map(({ grid, kind, name }) => ({ grid, kind, name })));
  }

  #takeBack({ appends, fail }: Batch, cause: unknown): void {
    for (const { grid, kind, name } of appends) this.#grids.takeBack(grid, kind, name);
    const known = storeError('the change was not written', cause);
    const error = known.code === 'KON_STORE_FULL' ? known : new KontenaError('KON_STORE_FAILED', known.message, { cause });
    fail(error);
    if (isPassing(known)) return;
    this.#end = error;
    this.#clock.soon(() => this.#onFatal(error));
  }

  #tell(changed: readonly Changed[]): void {
    if (changed.length === 0) return;
    for (const listener of [...this.#listeners]) {
      try {
        listener(changed);
      } catch (error) {
        // The commit stands, and the others still have to hear of it.
        process.emitWarning(`a listener of the store failed: ${messageOf(error)}`, { detail: error instanceof Error ? error.stack : undefined });
      }
    }
  }

  async #copy(file: string): Promise<void> {
    if (existsSync(file)) throw new KontenaError('KON_CONFLICT', `${file} exists already`);
    needFolder(file);
    const partial = `${file}.partial`;
    rmSync(partial, { force: true });
    try {
      makePrivate(partial);
      await this.#db.backup(partial);
      await moveWhole(partial, file);
    } catch (error) {
      rmSync(partial, { force: true });
      throw storeError(`the store cannot be copied to ${file}`, error);
    }
  }
}

function newBatch(): Batch {
  let succeed = (): void => undefined;
  let fail = (_error: KontenaError): void => undefined;
  const written = new Promise<void>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  return { appends: [], sealed: [], written, succeed, fail };
}
