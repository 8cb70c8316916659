import type { AnyTablePart, Assignments, BalancingBody, EngineVolume, FactsBody, Histogram, InstanceReport, LogBatch, LogSearch, LogSubject, NodeAnswers, NodeNetworkBody, NodeQuestion, NodeStatistics, ProgramCall, ShownKey, TableName, TableStates } from '../model/index.js';
import type { Inside } from './inside.js';
import type { ByteStream, RunningProgram } from './two-way.js';

/** What the link asks of an agent. */
export interface AgentSide {
  /** The newest of what must run here. Older revisions than one already seen are ignored by the agent. */
  assign(assignments: Assignments): void;
  /** Everything there is on this node, sent whole on each connect. */
  snapshot(): readonly InstanceReport[];
  facts(): FactsBody;
  /** The state of its network; undefined before there is anything to say. Sent whole on each connect, and when it changes. */
  network(): NodeNetworkBody | undefined;
  /** What the balancers here serve, by their instances; undefined while there never were any. Sent as the state of the network is. */
  balancing(): Readonly<Record<string, Omit<BalancingBody, 'node'>>> | undefined;
  /** What it and what runs on it use; undefined before that was read. Sent whole each time it was. */
  statistics(): NodeStatistics | undefined;
  /** A part of what all nodes of the grid share. */
  table(part: AnyTablePart): void;
  /** Tables whose copy here is not what it must be. */
  differing(states: TableStates): readonly TableName[];
  /** How long changes of the tables took until they were in force here, since this was last asked. */
  served(): Histogram;
  /** What is kept here of a log, in the order of time. @throws KON_INVALID for what is no regular expression */
  logs(subject: LogSubject, search: LogSearch, signal: AbortSignal): AsyncIterable<LogBatch>;
  /** The way into its containers. */
  readonly inside: Inside;
  /** Connects to a TCP port of an instance that runs here. @throws KON_CONTAINER_MISSING, KON_PORT_UNREACHABLE */
  dial(instance: string, port: number, signal: AbortSignal): Promise<ByteStream>;
  /** What is in a volume of this node, as a tar. @throws KON_NOT_FOUND */
  readVolume(name: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Makes a volume where it lacks, and lets it hold what a tar holds, or where that fails, what it held before. @throws KON_VOLUME_TAKEN, KON_VOLUME_DIFFERS, KON_INVALID, KON_ENGINE_REFUSED */
  writeVolume(volume: EngineVolume, tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  answer<K extends NodeQuestion['kind']>(question: Extract<NodeQuestion, { readonly kind: K }>, signal: AbortSignal): Promise<NodeAnswers[K]>;
}

/** What an agent tells the link, connected or not; the link keeps the newest of each until it can send it. */
export interface ReportSink {
  changed(report: InstanceReport): void;
  /** Whether the container engine answers, and what is the matter when not. */
  engine(isAnswering: boolean, reason?: string): void;
  /** The node's facts are no longer what was said. */
  factsChanged(): void;
  /** Nor is the state of its network. */
  networkChanged(): void;
  /** Nor what its balancers serve. */
  balancingChanged(): void;
  /** Nor what it uses. */
  statisticsChanged(): void;
}

/** The master's way to the nodes, for what is asked of them and is not state. */
export interface Nodes {
  /** @throws KontenaError KON_NODE_UNREACHABLE when the node's agent is not connected */
  logs(node: { readonly grid: string; readonly name: string }, asked: { readonly subject: LogSubject; readonly search: LogSearch }, signal: AbortSignal): AsyncIterable<LogBatch>;
  /** @throws KON_NODE_UNREACHABLE, KON_TIMEOUT when no answer comes, and whatever the agent refuses with */
  ask<K extends NodeQuestion['kind']>(node: { readonly grid: string; readonly name: string }, question: Extract<NodeQuestion, { readonly kind: K }>, signal: AbortSignal): Promise<NodeAnswers[K]>;
  /** What is in a volume of a node, as a tar. @throws KON_NODE_UNREACHABLE, and as {@link AgentSide.readVolume} */
  readVolume(node: { readonly grid: string; readonly name: string }, volume: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Resolves when all of it is there. @throws KON_NODE_UNREACHABLE, and as {@link AgentSide.writeVolume} */
  writeVolume(node: { readonly grid: string; readonly name: string }, volume: EngineVolume, tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /** How long changes of what a grid's nodes share took until those served them, since the master began. */
  served(grid: string): Histogram;
  /** A TCP port of an instance on that node. @throws KON_NODE_UNREACHABLE, and as {@link AgentSide.dial} when it is read */
  dial(node: { readonly grid: string; readonly name: string }, target: { readonly instance: string; readonly port: number }, signal: AbortSignal): ByteStream;
  /** A program begun in an instance on that node; without a call, the instance's own. @throws as `dial`, and as {@link Inside} */
  program(node: { readonly grid: string; readonly name: string }, target: { readonly instance: string; readonly call?: ProgramCall }, signal: AbortSignal): RunningProgram;
  /** A tar of what lies at a path of an instance on that node, to be read; or to be unpacked there, written and then closed by the node. @throws as `program` */
  files(node: { readonly grid: string; readonly name: string }, target: { readonly instance: string; readonly path: string; readonly way: 'pack' | 'unpack' }, signal: AbortSignal): ByteStream;
}

/** What the master's side of the link asks of the api when an agent knocks. */
export interface Enrolment {
  /**
   * An agent with a join token asks to become a node.
   * @throws KontenaError KON_TOKEN_INVALID, KON_NODE_NAME_TAKEN, KON_INVALID
   */
  join(request: JoinRequest): Promise<Joined>;
  /** Whether a node with this key may open the link. @throws KON_NODE_REMOVED, KON_CERTIFICATE_UNTRUSTED */
  admit(grid: string, node: string, shown: ShownKey): void;
  /** The node's key is another from now on; the one that asks is good until that was seen. @throws as `admit` */
  renew(grid: string, node: string, keys: { readonly from: ShownKey; readonly to: string }): Promise<Joined>;
}

export interface JoinRequest {
  /** `<id>.<secret>`: the part of the join token that the master knows. */
  readonly token: string;
  readonly name: string;
  readonly labels: readonly string[];
  /** SHA-256 of the agent's public key, in hex. */
  readonly keyFingerprint: string;
  /** The address that it asks from. */
  readonly from?: string;
}

/** What an agent's certificate is to say. */
export interface Joined {
  readonly grid: string;
  readonly node: string;
  /** See {@link machineOf} */
  readonly machine: string;
  readonly generation: number;
}
