import type { TableUser } from './tables.js';

/** The rows of a table that all nodes share, as far as they were told. */
export class Rows<Row> implements TableUser<Row> {
  readonly #keyOf: (row: Row) => string;
  readonly #onChange: () => void;
  #rows: Map<string, Row> | undefined;

  constructor(keyOf: (row: Row) => string, onChange: () => void) {
    this.#keyOf = keyOf;
    this.#onChange = onChange;
  }

  /** Whether anyone ever said what is in it. */
  get isKnown(): boolean {
    return this.#rows !== undefined;
  }

  get all(): readonly Row[] {
    return [...(this.#rows?.values() ?? [])];
  }

  whole(rows: readonly Row[]): void {
    this.#rows = new Map(rows.map((row) => [this.#keyOf(row), row]));
    this.#onChange();
  }

  changed(rows: readonly Row[], removed: readonly string[]): void {
    const all = (this.#rows ??= new Map());
    for (const row of rows) all.set(this.#keyOf(row), row);
    for (const key of removed) all.delete(key);
    this.#onChange();
  }
}
