import {
  type AnyTablePart,
  EMPTY_HISTOGRAM,
  endpointOf,
  endpointsOf,
  endpointsTouchedBy,
  type Histogram,
  merged,
  peerOf,
  peersOf,
  TABLE_KEY,
  TABLE_NAMES,
  type TableName,
  type Tables,
  type TableStates,
} from '../../model/index.js';
import type { Changed, Clock, Store } from '../../ports/index.js';
import { TableFeed, TableReader } from './table-feed.js';

type Feeds = { readonly [T in TableName]: TableFeed<Tables[T]> };

/** What the nodes of one grid share, made from its records and kept up to date with them. */
export class GridTables {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #grid: string;
  readonly #feeds: Feeds = { peers: new TableFeed(TABLE_KEY.peers), endpoints: new TableFeed(TABLE_KEY.endpoints) };
  /** How long it took from a report to its being served, over all nodes since the master began. */
  #served: Histogram = EMPTY_HISTOGRAM;

  constructor(grid: string, { store, clock }: { readonly store: Store; readonly clock: Clock }) {
    this.#grid = grid;
    this.#store = store;
    this.#clock = clock;
    const view = store.view(grid);
    const now = clock.now();
    for (const peer of peersOf(view)) this.#feeds.peers.put(peer, now);
    for (const endpoint of endpointsOf(view)) this.#feeds.endpoints.put(endpoint, now);
  }

  /** A record changed. Whether some row is another for it. */
  notice(changed: Changed): boolean {
    const view = this.#store.view(this.#grid);
    let isNews = false;
    if (changed.kind === 'Lease' || changed.kind === 'Node') isNews = this.#set('peers', changed.name, peerOf(view, changed.name));
    for (const instance of endpointsTouchedBy(view, changed)) isNews = this.#set('endpoints', instance, endpointOf(view, instance)) || isNews;
    return isNews;
  }

  reader(): TablesReader {
    return new TablesReader(this.#feeds);
  }

  /** A node says how long changes took until it served them. */
  wereServed(lengths: Histogram): void {
    this.#served = merged(this.#served, lengths);
  }

  get served(): Histogram {
    return this.#served;
  }

  #set<T extends TableName>(table: T, key: string, row: Tables[T] | undefined): boolean {
    const feed: TableFeed<Tables[T]> = this.#feeds[table];
    const now = this.#clock.now();
    return row === undefined ? feed.drop(key, now) : feed.put(row, now);
  }
}

/** One node's place in the tables of its grid. */
export class TablesReader {
  readonly #readers: { readonly [T in TableName]: TableReader<Tables[T]> };

  constructor(feeds: Feeds) {
    this.#readers = { peers: new TableReader(feeds.peers), endpoints: new TableReader(feeds.endpoints) };
  }

  /** What is to be sent next; undefined when the node has all there is. Peers first: names lead nowhere without them. */
  next(clock: Clock): AnyTablePart | undefined {
    const now = clock.now();
    const peers = this.#readers.peers.next(now);
    if (peers !== undefined) return { table: 'peers', part: peers };
    const endpoints = this.#readers.endpoints.next(now);
    return endpoints === undefined ? undefined : { table: 'endpoints', part: endpoints };
  }

  /** The node found that its copy is not what it must be. */
  restart(table: TableName): void {
    this.#readers[table].restart();
  }

  /** What the node must have by now, of the tables that it was sent. */
  get states(): TableStates {
    return Object.fromEntries(TABLE_NAMES.flatMap((table) => {
      const { state } = this.#readers[table];
      return state === undefined ? [] : [[table, state]];
    }));
  }
}
