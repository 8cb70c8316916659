import type { Assignments, TableName, Tables } from '../model/index.js';

/** What an agent keeps through its own restarts, so that it goes on without a master. */
export interface Memory {
  /** Undefined when there is nothing, or nothing that can be trusted. */
  load(): Promise<Assignments | undefined>;
  /** Resolves when it is durable. */
  save(assignments: Assignments): Promise<void>;
}

/** The tables that all nodes of a grid share, as an agent keeps them through its own restarts. */
export interface TableMemory {
  /** Undefined when there is nothing, or nothing that can be trusted. */
  load<T extends TableName>(table: T): Promise<readonly Tables[T][] | undefined>;
  save<T extends TableName>(table: T, rows: readonly Tables[T][]): Promise<void>;
}
