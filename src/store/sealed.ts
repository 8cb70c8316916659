import type Database from 'better-sqlite3';
import type { SealedChange } from '../ports/index.js';

/** A sealed change on its way to the disk. */
export interface SealedWrite extends SealedChange {
  readonly grid: string;
}

/** The table of sealed values: what alone in a store may be erased. */
export class Sealed {
  readonly #put: Database.Statement;
  readonly #drop: Database.Statement;
  readonly #get: Database.Statement<[string, string], Buffer>;
  readonly #names: Database.Statement<[string], string>;

  constructor(db: Database.Database) {
    this.#put = db.prepare('INSERT INTO sealed (grid, name, bytes) VALUES (?, ?, ?) ON CONFLICT (grid, name) DO UPDATE SET bytes = excluded.bytes');
    this.#drop = db.prepare('DELETE FROM sealed WHERE grid = ? AND name = ?');
    this.#get = db.prepare<[string, string], Buffer>('SELECT bytes FROM sealed WHERE grid = ? AND name = ?').pluck();
    this.#names = db.prepare<[string], string>('SELECT name FROM sealed WHERE grid = ? ORDER BY name').pluck();
  }

  get(grid: string, name: string): Uint8Array | undefined {
    return this.#get.get(grid, name);
  }

  names(grid: string): readonly string[] {
    return this.#names.all(grid);
  }

  /** Within the transaction of its caller. */
  write(changes: readonly SealedWrite[]): void {
    for (const { grid, name, bytes } of changes) {
      if (bytes === undefined) this.#drop.run(grid, name);
      else this.#put.run(grid, name, bytes);
    }
  }
}
