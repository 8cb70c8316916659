import type { Change, Entry, Instant, Kind, Plan, Reserved, Revision, Writer } from '../model/index.js';

/** The records of one grid, still for the length of one synchronous call. Names are without the grid. */
export interface View {
  readonly grid: string;
  readonly revision: Revision;
  get<K extends Kind>(kind: K, name: string): Entry<K> | undefined;
  /** Records of `kind` whose name begins with `prefix`, in the order of their names. */
  list<K extends Kind>(kind: K, prefix?: string): readonly Entry<K>[];
  /** Instances of `todo/web`, in order of slot and round. */
  instancesOf(service: string): readonly Entry<'Instance'>[];
  instancesOn(node: string): readonly Entry<'Instance'>[];
  reservedOn(node: string): Reserved;
}

/** Which record changed, never what in it. */
export interface Changed {
  readonly grid: string;
  readonly kind: Kind;
  readonly name: string;
}

/** One appended entry of the history. */
export interface Logged {
  readonly revision: Revision;
  readonly at: Instant;
  readonly writer: Writer;
  readonly actor: string;
  readonly grid: string;
  /** Without a body for a drop, and where it is no longer kept. */
  readonly change: Change;
  /** What a controller derived, replaced before the window of {@link Store.compact}: its body is no longer kept. */
  readonly isCompacted: boolean;
  /** Chain: SHA-256 over the previous hash and this entry, in hex. */
  readonly hash: string;
}

export interface Author {
  readonly writer: Writer;
  readonly grid: string;
  /** Who asked; the writer itself when absent. */
  readonly actor?: string;
  /** Called at once when something was decided, before it goes to the disk: what is written meanwhile reaches the disk with it. */
  readonly onDecided?: () => void;
}

export interface Committed<P> {
  readonly plan: P;
  /** Of the last change of this plan, or of the store when the plan has no steps. */
  readonly revision: Revision;
}

/** What part of the history is asked for; absent means all. */
export interface HistoryQuery {
  readonly grid?: string;
  readonly kind?: Kind;
  readonly name?: string;
  /** Only entries after this revision. Default 0. */
  readonly after?: Revision;
  /** Only entries up to this revision. */
  readonly upTo?: Revision;
  readonly limit?: number;
  /** Default: oldest first. */
  readonly newestFirst?: boolean;
}

export interface ChainState {
  readonly entries: number;
  readonly revision: Revision;
  /** First revision whose hash does not follow from the one before; undefined when the chain holds. */
  readonly brokenAt?: Revision;
}

/** Bytes that live outside the history, so that they can be erased; absent bytes erase what was there. */
export interface SealedChange {
  /** `Secret/db-password@3`. */
  readonly name: string;
  readonly bytes: Uint8Array | undefined;
}

/** What a decision may hold: steps, and sealed bytes that are kept or erased with them. */
export type Decision = Plan<Change> & { readonly sealed?: readonly SealedChange[] };

export interface Store {
  /** Who this store belongs to; the epoch is raised by every restore. */
  readonly identity: { readonly cluster: string; readonly epoch: number };
  /** Of the newest durable change; higher after a restore, which leaves out what the master before may have given. */
  readonly revision: Revision;
  /** Whether the store was ever at this revision: false before the first, after the newest, and for what a restore lost. */
  knows(revision: Revision): boolean;

  /** Every grid that has a record. */
  grids(): readonly string[];
  /** The durable state of a grid as of now. Valid until the caller gives up its turn. */
  view(grid: string): View;
  /**
   * The state of a grid as it was at a revision, or at a moment; desired records only.
   * @throws KontenaError KON_REVISION_UNKNOWN where it {@link knows} none, KON_REVISION_COMPACTED where
   * bodies of that time are no longer kept.
   */
  viewAt(grid: string, when: { readonly revision: Revision } | { readonly time: Instant }): View;

  /**
   * Looks, decides and records: every step of the plan is kept, or none. `decide` runs at once, sees decisions that
   * are not durable yet, and may be run again, so it must be pure. The promise resolves when the plan is on disk; all
   * that commit in one turn of the event loop share one transaction and one fsync. A plan without steps costs nothing.
   *
   * @throws KontenaError KON_WRITER_DENIED when a step is of a kind that the writer does not own, or anyone but api seals,
   *   KON_STORE_FULL when the disk is full (the whole batch is taken back), KON_STORE_FAILED when it fails otherwise.
   *   What `decide` throws comes back unchanged, and nothing is recorded.
   */
  update<P extends Decision>(author: Author, decide: (view: View) => P): Promise<Committed<P>>;

  /** Replaces readings of observed kinds, at once and in memory only. Equal readings tell nobody. @throws KON_WRITER_DENIED */
  observe(author: Author, steps: readonly Change[]): void;

  /** Calls `listener` after each durable commit and each reading, with what changed. Returns a stop function. */
  watch(listener: (changed: readonly Changed[]) => void): () => void;

  /** Sealed bytes by their name; undefined when there are none. Only durable ones. */
  sealed(grid: string, name: string): Uint8Array | undefined;
  /** Names of everything sealed in a grid. */
  sealedNames(grid: string): readonly string[];

  history(query: HistoryQuery): readonly Logged[];

  /** Recomputes the chain of hashes from the beginning. Takes about a second per 100,000 entries. */
  verify(): ChainState;

  /**
   * Drops the bodies of what controllers derived and replaced before a moment; rows and hashes stay, and so does all that
   * people declared. In small steps, between which everything else has its turn; resolves when there is nothing left to drop.
   *
   * @throws KontenaError KON_STORE_FULL, KON_STORE_FAILED; what was dropped so far stays dropped
   */
  compact(before: Instant): Promise<void>;

  /** Writes a whole, consistent copy of the store to a new file. @throws KON_CONFLICT when the file exists. */
  copyTo(file: string): Promise<void>;

  /** Waits for what is under way, then closes the file. */
  close(): Promise<void>;
}

