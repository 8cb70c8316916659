import type { Instant, LogLine, Lookup, Mistake, NetworkStatus, Revision, StackSpec } from '../model/index.js';
import type { LogQuery } from './runtime.js';
import type { ByteStream } from './two-way.js';

/** The kinds that people see. */
export type ResourceKind = 'grid' | 'node' | 'stack' | 'service' | 'instance' | 'secret' | 'certificate' | 'token' | 'credential' | 'source';

/** A record as people see it: what was declared, and what is. Also the JSON of `-o json`. */
export interface Resource {
  /** `Node`, `Stack`, `Service`, `Instance`, … */
  readonly kind: string;
  readonly grid: string;
  readonly name: string;
  readonly revision: Revision;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status: Readonly<Record<string, unknown>>;
}

export interface ListQuery {
  readonly grid: string;
  readonly kind: ResourceKind;
  /** Exact name, or a short one that means only one thing (`todo` for service `todo/todo` does not; `n1` for node `n1` does). */
  readonly name?: string;
  /** Only what belongs to this stack, `todo`, or service, `todo/web`. */
  readonly of?: string;
}

export interface ApplyRequest {
  readonly grid: string;
  readonly stack: StackSpec;
  /** Look and answer; record nothing. */
  readonly dryRun: boolean;
  /** The watched file it comes from. */
  readonly origin?: string;
  /** Values that go into the vault with it, by the names of their secrets: all of it is recorded, or nothing. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** What applying does, or would do, to one service, to the stack itself, or to a secret, whose value is never told. */
export interface Difference {
  readonly kind: 'Stack' | 'Service' | 'Secret';
  readonly name: string;
  readonly action: 'create' | 'update' | 'delete';
  readonly fields: readonly { readonly path: string; readonly from: unknown; readonly to: unknown }[];
  /** The containers are made anew. */
  readonly replaces: boolean;
}

export interface Applied {
  readonly name: string;
  readonly revision: Revision;
  /** Empty when all of it was so already. */
  readonly differences: readonly Difference[];
  readonly warnings: readonly Mistake[];
}

/** One thing that happened while a stack comes to what was declared. Of a service, `running` counts what is declared now, `older` what it replaces. */
export type Progress =
  | { readonly type: 'instance'; readonly service: string; readonly instance: string; readonly node: string; readonly phase: string; readonly reason?: string | undefined }
  | { readonly type: 'service'; readonly service: string; readonly wanted: number; readonly running: number; readonly older: number; readonly reason?: string | undefined }
  | { readonly type: 'done' }
  | Failed;

/** What will not come up, and why. */
export interface Failed {
  readonly type: 'failed';
  readonly service: string;
  readonly instance?: string | undefined;
  readonly reason: string;
  readonly output: readonly string[];
  /** The slots went back to what ran before. */
  readonly isReverted: boolean;
}

export interface HistoryItem {
  readonly revision: Revision;
  readonly at: string;
  readonly actor: string;
  readonly action: 'create' | 'update' | 'delete';
  readonly reason: string;
  readonly spec: Readonly<Record<string, unknown>> | undefined;
}

export interface MasterInfo {
  readonly version: string;
  readonly cluster: string;
  readonly epoch: number;
  readonly revision: Revision;
  readonly startedAt: string;
}

/** What people decide about a node; absent, it stays as it is. */
export interface NodeChange {
  readonly availability?: 'active' | 'drain';
  readonly labels?: readonly string[];
  /** The machine that bore the name before is gone, or is this one: what keeps data may start. */
  readonly isConfirmed?: boolean;
}

export interface TokenRequest {
  readonly ttlSeconds: number;
  /** Of every node that joins with it. */
  readonly labels: readonly string[];
  /** How many nodes may join with it. Default 1. */
  readonly uses?: number;
  /** For this node only, in the place of another machine if it is known. */
  readonly node?: string;
}

/** A client's credential, all PEM. */
export interface NewCredential {
  readonly name: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly endsAt: Instant;
}

/** How far a change of the certificate authority is. */
export interface Rotation {
  /** SHA-256 of the newest authority's certificate, in hex. */
  readonly fingerprint: string;
  /** Nodes and credentials, `node n1`, whose certificates are of an older one. */
  readonly behind: readonly string[];
}

export interface NewToken {
  readonly id: string;
  /** `<id>.<secret>`, shown once; the link adds the CA's fingerprint. */
  readonly token: string;
  readonly expiresAt: Instant;
}

export interface NewGrid {
  readonly name: string;
  readonly subnet: string;
  /** How large a part of it each node has: 24 is 256 addresses. */
  readonly nodePrefix: number;
  readonly revision: Revision;
}

/** A value for the vault. */
export interface SecretWrite {
  readonly name: string;
  readonly value: string;
  /** What must be so already: nothing of that name, or something. Either will do when absent. */
  readonly only?: 'new' | 'known';
}

/** What writing to the vault came to. */
export interface Kept {
  readonly name: string;
  readonly version: number;
  readonly revision: Revision;
  /** False when the same value was there. */
  readonly isChanged: boolean;
  /** Services that open it, and are replaced to do so. */
  readonly usedBy: readonly string[];
}

/** A certificate with all that a server needs, as PEM. */
export interface CertificateBundle {
  readonly certificate: string;
  /** The authorities between it and a root, its own first; empty when a root issued it. */
  readonly chain: string;
  readonly privateKey: string;
}

/**
 * What a client may ask of the master: served by the api, carried by the link, used by the CLI.
 * Names may be short where the kind allows; every refusal is a KontenaError.
 */
export interface Control {
  info(): Promise<MasterInfo>;
  /** Each resource once, in the order of names. @throws KON_NOT_FOUND when a name is given and nothing bears it */
  list(query: ListQuery): AsyncIterable<Resource>;
  /** First everything as in `list`, then each resource again whenever it changes; `undefined` status means it is gone. Until aborted. */
  watch(query: ListQuery, signal: AbortSignal): AsyncIterable<{ readonly resource: Resource; readonly isGone: boolean }>;
  apply(request: ApplyRequest): Promise<Applied>;
  /** Until everything declared is running ('done') or something will not ('failed'). Ends after either. */
  follow(grid: string, stack: string, revision: Revision, signal: AbortSignal): AsyncIterable<Progress>;
  scale(grid: string, service: string, instances: number): Promise<Applied>;
  /** Where no subnet is named, the next that is free. @throws KON_INVALID, KON_CONFLICT when the name or the subnet is taken */
  createGrid(request: { readonly name: string; readonly subnet?: string; readonly nodePrefix?: number }): Promise<NewGrid>;
  /** Removes a grid, stack, node, token, secret or certificate; revokes a credential. @throws KON_NOT_FOUND, KON_CONFLICT */
  remove(grid: string, kind: ResourceKind, name: string): Promise<{ readonly revision: Revision }>;
  /** @throws KON_INVALID, KON_CONFLICT when it must be new and is not, KON_NOT_FOUND when it must be known and is not */
  writeSecret(grid: string, request: SecretWrite): Promise<Kept>;
  /** @throws KON_NOT_FOUND */
  readSecret(grid: string, name: string): Promise<string>;
  /** Under the name it is made out to, unless given. @throws KON_INVALID when its parts do not belong together */
  writeCertificate(grid: string, bundle: CertificateBundle, subject?: string): Promise<Kept>;
  /** @throws KON_NOT_FOUND */
  readCertificate(grid: string, subject: string): Promise<CertificateBundle>;
  /** Changes what people decide about a node. */
  setNode(grid: string, node: string, change: NodeChange): Promise<{ readonly revision: Revision }>;
  /** @throws KON_INVALID */
  createToken(grid: string, request: TokenRequest): Promise<NewToken>;
  /** A credential for a person or a program, shown once. @throws KON_INVALID, KON_CONFLICT when there is one of that name */
  createCredential(name: string, lifetimeSeconds: number): Promise<NewCredential>;
  /** The caller's own, with a new key and for as long again; the one it was asked with is good until the new one was used. */
  renewCredential(): Promise<NewCredential>;
  /**
   * Begins to change the certificate authority, or ends it. @throws KON_CONFLICT when one is under way or none is, and at
   * the end, unless forced, while nodes or credentials would be shut out
   */
  rotateAuthority(request: { readonly isEnd: boolean; readonly isForced: boolean }): Promise<Rotation>;
  /** Newest first. */
  history(grid: string, kind: ResourceKind, name: string): AsyncIterable<HistoryItem>;
  /** Of an instance, or of all instances of a service or stack. */
  logs(grid: string, name: string, query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>;
  /**
   * How the network of one node is, or of all that are connected; probed, each reaches for all others. Last, how long changes of
   * what all share took until they were served.
   * @throws KON_NOT_FOUND
   */
  network(grid: string, query: { readonly node?: string; readonly isProbed: boolean }, signal: AbortSignal): AsyncIterable<NetworkItem>;
  /** What a name means on a node, or on any that is connected. @throws KON_INVALID for what is no name, KON_NOT_FOUND, KON_NODE_UNREACHABLE */
  lookUp(grid: string, query: { readonly name: string; readonly node?: string }, signal: AbortSignal): Promise<Lookup & { readonly askedNode: string }>;
  /** Gives a node another key for its tunnels. @throws KON_NOT_FOUND, KON_NODE_UNREACHABLE */
  rotateKeys(grid: string, node: string, signal: AbortSignal): Promise<{ readonly publicKey: string }>;
  /**
   * A TCP port of an instance, or of one of the instances of a service that serve: a connection of its own each time.
   * @throws KON_NOT_FOUND, KON_CONFLICT when none of them serves; what keeps the connection from being made comes when it is read
   */
  forward(grid: string, target: { readonly name: string; readonly port: number }, signal: AbortSignal): ByteStream;
  /** The master's whole state as one file, in pieces. */
  backup(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Says how a watched file fares, for `get stacks` and the log. An absent error takes an earlier one back. */
  reportSource(grid: string, source: SourceState): Promise<void>;
}

/** What is said of the networks of a grid's nodes. */
export type NetworkItem =
  | { readonly type: 'node'; readonly node: string; readonly network: NetworkStatus }
  | { readonly type: 'unreachable'; readonly node: string; readonly reason: string }
  /** Under these bounds half of the changes, and 99 of 100, were served, in milliseconds; absent where none were, or beyond the last bound. */
  | { readonly type: 'served'; readonly count: number; readonly medianMs?: number; readonly p99Ms?: number };

export interface SourceState {
  readonly directory: string;
  /** Absolute path. */
  readonly file: string;
  readonly stack?: string;
  readonly error?: string;
  /** The file is gone. */
  readonly isGone?: boolean;
}
