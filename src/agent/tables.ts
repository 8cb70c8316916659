import { type AnyTablePart, EMPTY_HISTOGRAM, type Histogram, later, messageOf, type Millis, rowText, SetDigest, TABLE_KEY, TABLE_NAMES, type TableName, type TablePart, type Tables, type TableState, type TableStates, withLength } from '../model/index.js';
import type { Clock, Log, TableMemory } from '../ports/index.js';

/** What changed is written down so long after the first change: tables change often, and an old one is far better than none. */
const SAVE_AFTER_MS: Millis = 2_000;

/** One who lives by a table. */
export interface TableUser<Row> {
  /** The table is this, and nothing else. */
  whole(rows: readonly Row[]): void;
  /** @param ageMs since what of it the master heard first */
  changed(rows: readonly Row[], removed: readonly string[], ageMs: Millis): void;
}

/** Each is told in this order. */
export type TableUsers = { readonly [T in TableName]: readonly TableUser<Tables[T]>[] };

/** The rows of one table by their keys, and their digest. */
class Rows<Row> {
  readonly #keyOf: (row: Row) => string;
  readonly #rows = new Map<string, { readonly row: Row; readonly text: string }>();
  readonly #digest = new SetDigest();

  constructor(keyOf: (row: Row) => string) {
    this.#keyOf = keyOf;
  }

  put(row: Row): void {
    const key = this.#keyOf(row);
    const text = rowText(row);
    this.drop(key);
    this.#rows.set(key, { row, text });
    this.#digest.add(text);
  }

  drop(key: string): void {
    const before = this.#rows.get(key);
    if (before === undefined) return;
    this.#rows.delete(key);
    this.#digest.remove(before.text);
  }

  get all(): readonly Row[] {
    return [...this.#rows.values()].map(({ row }) => row);
  }

  get digest(): string {
    return String(this.#digest);
  }
}

/** Where a table is kept through the agent's restarts. */
interface Disk<Row> {
  load(): Promise<readonly Row[] | undefined>;
  save(rows: readonly Row[]): Promise<void>;
}

/** One table as far as it has come: what is in force, and a whole one that is under way. */
class TableCopy<Row> {
  readonly #keyOf: (row: Row) => string;
  readonly #users: readonly TableUser<Row>[];
  readonly #disk: Disk<Row>;
  #rows: Rows<Row>;
  #incoming: Rows<Row> | undefined;
  /** Undefined before the master said what it is. */
  #version: number | undefined;

  constructor(keyOf: (row: Row) => string, users: readonly TableUser<Row>[], disk: Disk<Row>) {
    this.#keyOf = keyOf;
    this.#users = users;
    this.#disk = disk;
    this.#rows = new Rows(keyOf);
  }

  /** As it was in this agent's last life, unless the master has spoken. */
  async recall(): Promise<void> {
    const rows = await this.#disk.load();
    if (rows === undefined || this.#version !== undefined) return;
    for (const row of rows) this.#rows.put(row);
    for (const user of this.#users) user.whole(rows);
  }

  save(): Promise<void> {
    return this.#disk.save(this.#rows.all);
  }

  /** Whether something is another than it was. Half of a whole is nothing to go by: what was in force serves until the rest is there. */
  take({ version, isWhole, isLast, rows, removed, agesMs }: TablePart<Row>): boolean {
    if (isWhole) this.#incoming = new Rows(this.#keyOf);
    const target = this.#incoming ?? this.#rows;
    for (const row of rows) target.put(row);
    for (const key of removed) target.drop(key);
    if (!isLast) return false;
    this.#version = version;
    this.#rows = target;
    for (const user of this.#users) {
      if (this.#incoming === undefined) user.changed(rows, removed, Math.max(0, ...agesMs));
      else user.whole(target.all);
    }
    this.#incoming = undefined;
    return true;
  }

  /** Whether it is what it must be at that version, or on its way there. */
  agrees({ version, digest }: TableState): boolean {
    return this.#incoming !== undefined || this.#version !== version || this.#rows.digest === digest;
  }
}

export interface SharedTablesOptions {
  readonly memory: TableMemory;
  readonly clock: Clock;
  readonly log: Log;
}

/** What all nodes of the grid share, as far as this one knows: told by the master, kept on disk for the time without one. */
export class SharedTables {
  readonly #options: SharedTablesOptions;
  readonly #copies: { readonly [T in TableName]: TableCopy<Tables[T]> };
  readonly #unsaved = new Set<TableName>();
  #served: Histogram = EMPTY_HISTOGRAM;
  #saving: Promise<void> = Promise.resolve();
  #callOffSave: () => void = () => undefined;

  constructor(users: TableUsers, options: SharedTablesOptions) {
    this.#options = options;
    this.#copies = {
      peers: new TableCopy(TABLE_KEY.peers, users.peers, this.#disk('peers')),
      endpoints: new TableCopy(TABLE_KEY.endpoints, users.endpoints, this.#disk('endpoints')),
    };
  }

  /** Hands out what was remembered. */
  async recall(): Promise<void> {
    await Promise.all(TABLE_NAMES.map((table) => this.#recall(table)));
  }

  take(told: AnyTablePart): void {
    const isNews = told.table === 'peers' ? this.#copies.peers.take(told.part) : this.#copies.endpoints.take(told.part);
    if (!isNews) return;
    for (const ageMs of told.part.agesMs) this.#served = withLength(this.#served, ageMs);
    this.#saveLater(told.table);
  }

  /** How long changes took from their report until they were in force here, since this was last asked; the way of the last message left out. */
  served(): Histogram {
    const served = this.#served;
    this.#served = EMPTY_HISTOGRAM;
    return served;
  }

  /** Tables that are not what they must be, and are to be sent whole. */
  differing(states: TableStates): readonly TableName[] {
    return TABLE_NAMES.filter((table) => {
      const state = states[table];
      return state !== undefined && !this.#copies[table].agrees(state);
    });
  }

  /** Writes down what is not yet. */
  async stop(): Promise<void> {
    this.#callOffSave();
    this.#save();
    await this.#saving;
  }

  #disk<T extends TableName>(table: T): Disk<Tables[T]> {
    const { memory } = this.#options;
    return { load: () => memory.load(table), save: (rows) => memory.save(table, rows) };
  }

  async #recall(table: TableName): Promise<void> {
    try {
      await this.#copies[table].recall();
    } catch (error) {
      this.#options.log.warn('a table that was remembered cannot be used; the master is waited for', { table, reason: messageOf(error) });
    }
  }

  #saveLater(table: TableName): void {
    const { clock } = this.#options;
    if (this.#unsaved.size === 0) this.#callOffSave = clock.at(later(clock.now(), SAVE_AFTER_MS), () => this.#save());
    this.#unsaved.add(table);
  }

  #save(): void {
    const tables = [...this.#unsaved];
    this.#unsaved.clear();
    this.#saving = this.#saving.then(async () => {
      for (const table of tables) await this.#saveOne(table);
    });
  }

  async #saveOne(table: TableName): Promise<void> {
    try {
      await this.#copies[table].save();
    } catch (error) {
      this.#options.log.error('a table cannot be written down; it is in force all the same', { table, reason: messageOf(error) });
    }
  }
}
