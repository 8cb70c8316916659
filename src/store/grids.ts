import { type Entry, Heads, type Kind, type Reserved, type Revision } from '../model/index.js';
import type { View } from '../ports/index.js';

/** One grid twice: as it is on disk, and as it will be when what is decided is on disk too. The records themselves are shared. */
export interface GridHeads {
  readonly durable: Heads;
  readonly pending: Heads;
}

/** The records of every grid, in memory. */
export class Grids {
  readonly #grids = new Map<string, GridHeads>();

  /** Grids that have a durable record, in the order of their names. */
  names(): readonly string[] {
    return [...this.#grids].filter(([, { durable }]) => !durable.isEmpty).map(([name]) => name).sort();
  }

  /** A grid that nobody wrote to has no records, and asking for it leaves nothing behind. */
  of(name: string): GridHeads {
    return this.#grids.get(name) ?? { durable: new Heads(), pending: new Heads() };
  }

  decide(grid: string, kind: Kind, name: string, entry: Entry | undefined): void {
    write(this.#kept(grid).pending, kind, name, entry);
  }

  settle(grid: string, kind: Kind, name: string, entry: Entry | undefined): void {
    write(this.#kept(grid).durable, kind, name, entry);
  }

  /** Forgets what was decided of one record. */
  takeBack(grid: string, kind: Kind, name: string): void {
    const { durable, pending } = this.#kept(grid);
    write(pending, kind, name, durable.get(kind, name));
  }

  #kept(name: string): GridHeads {
    const grid = this.of(name);
    this.#grids.set(name, grid);
    return grid;
  }
}

function write(heads: Heads, kind: Kind, name: string, entry: Entry | undefined): void {
  if (entry === undefined) heads.drop(kind, name);
  else heads.put(entry);
}

/** A grid as a view shows it. */
export class GridView implements View {
  readonly grid: string;
  readonly #heads: Heads;
  readonly #revision: () => Revision;

  /** @param revision asked at each look, so that a view kept for a whole turn is never behind its records */
  constructor(grid: string, heads: Heads, revision: () => Revision) {
    this.grid = grid;
    this.#heads = heads;
    this.#revision = revision;
  }

  get revision(): Revision {
    return this.#revision();
  }

  get<K extends Kind>(kind: K, name: string): Entry<K> | undefined {
    return this.#heads.get(kind, name);
  }

  list<K extends Kind>(kind: K, prefix?: string): readonly Entry<K>[] {
    return this.#heads.list(kind, prefix);
  }

  instancesOf(service: string): readonly Entry<'Instance'>[] {
    return this.#heads.instancesOf(service);
  }

  instancesOn(node: string): readonly Entry<'Instance'>[] {
    return this.#heads.instancesOn(node);
  }

  reservedOn(node: string): Reserved {
    return this.#heads.reservedOn(node);
  }
}
