import type { Endpoint } from './endpoints.js';
import type { Peer } from './peers.js';
import type { Millis } from './time.js';

/** Rows that all nodes of a grid share, and that follow from its records. */
export interface Tables {
  /** The nodes that may be reached through the grid's network, and how. */
  peers: Peer;
  /** The instances that have an address in it. */
  endpoints: Endpoint;
}

export type TableName = keyof Tables;
export const TABLE_NAMES: readonly TableName[] = ['peers', 'endpoints'];

/** By what a row is known. */
export const TABLE_KEY: { readonly [T in TableName]: (row: Tables[T]) => string } = {
  peers: ({ node }) => node,
  endpoints: ({ instance }) => instance,
};

/** One message of a table. */
export interface TablePart<Row> {
  /** Of the table, when the reader has this part and those before it. */
  readonly version: number;
  /** The reader forgets what it had: this is the first part of the whole. */
  readonly isWhole: boolean;
  /** With it the reader has the table as it was at that version. */
  readonly isLast: boolean;
  readonly rows: readonly Row[];
  /** Keys of rows that are no more. */
  readonly removed: readonly string[];
  /** How long ago what each row, then what each removal says was reported; empty in a whole table. */
  readonly agesMs: readonly Millis[];
}

/** A part of one or the other table. */
export type AnyTablePart = { readonly [T in TableName]: { readonly table: T; readonly part: TablePart<Tables[T]> } }[TableName];

export type TableStates = Readonly<Partial<Record<TableName, TableState>>>;

/** What a reader must have at a version. */
export interface TableState {
  readonly version: number;
  /** Of the texts of all rows. */
  readonly digest: string;
}

/** A row as one text, the same on every machine: its keys in order, what is undefined left out. */
export const rowText = (row: unknown): string => JSON.stringify(row, (_key, value: unknown) => (isPlain(value) ? sorted(value) : value));

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
const sorted = (value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
