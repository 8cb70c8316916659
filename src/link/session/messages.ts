import type { AnyTablePart, Assignments, BalancingBody, EngineVolume, ErrorCode, FactsBody, Histogram, InstanceReport, LogBatch, LogSearch, LogSubject, NodeAnswer, NodeNetworkBody, NodeQuestion, NodeStatistics, ProgramCall, ProgramInput, ProgramOutput, TableName, TableStates } from '../../model/index.js';

/** Whether the container engine answers its agent, and what is the matter when not. */
export interface EngineState {
  readonly isAnswering: boolean;
  readonly reason?: string;
}

export type BalancersSaid = Readonly<Record<string, Omit<BalancingBody, 'node'>>>;

/** What a stream is opened for. */
export type StreamRequest =
  | { readonly kind: 'logs'; readonly subject: LogSubject; readonly search: LogSearch }
  /** A TCP connection to a port of an instance. */
  | { readonly kind: 'dial'; readonly instance: string; readonly port: number }
  /** A program to begin in an instance's container. */
  | { readonly kind: 'exec'; readonly instance: string; readonly call: ProgramCall }
  /** The instance's own program. */
  | { readonly kind: 'attach'; readonly instance: string }
  /** A file or directory of an instance as a tar, from the node or to it. */
  | { readonly kind: 'pack' | 'unpack'; readonly instance: string; readonly path: string }
  /** The bytes of a volume, up. */
  | { readonly kind: 'read-volume'; readonly name: string }
  /** The bytes of a volume, down; it closes when they are in it. */
  | { readonly kind: 'write-volume'; readonly volume: EngineVolume }
  | { readonly kind: 'ask'; readonly question: NodeQuestion }
  /** For something that a newer version of the other end knows. */
  | { readonly kind: 'unknown' };

export type StreamData =
  | ({ readonly kind: 'lines' } & LogBatch)
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'answer'; readonly answer: NodeAnswer }
  | ProgramInput
  | ProgramOutput;

/** What either end says of a stream. Credit is the number of `streamData` that the other end may send before it is given more. */
export type StreamMessage =
  | { readonly type: 'streamOpen'; readonly id: number; readonly request: StreamRequest; readonly credit: number }
  | { readonly type: 'streamData'; readonly id: number; readonly data: StreamData }
  | { readonly type: 'streamCredit'; readonly id: number; readonly messages: number }
  /** Nothing more will be sent, but still be taken. */
  | { readonly type: 'streamEnd'; readonly id: number }
  | { readonly type: 'streamClose'; readonly id: number; readonly error?: { readonly code: ErrorCode; readonly message: string } };

export const isOfStream = (message: FromNode | FromMaster): message is StreamMessage => message.type.startsWith('stream');

/** What an agent says. On every connect: `hello`, then the snapshot in one or more parts, then what changed since. */
export type FromNode =
  | { readonly type: 'hello'; readonly facts: FactsBody; readonly engine: EngineState }
  | { readonly type: 'snapshot'; readonly reports: readonly InstanceReport[]; readonly isLast: boolean }
  | { readonly type: 'reports'; readonly reports: readonly InstanceReport[] }
  /** Also says how long changes of the tables took until they were served here, since the last time. */
  | { readonly type: 'pong'; readonly sequence: number; readonly served: Histogram }
  | { readonly type: 'engine'; readonly engine: EngineState }
  | { readonly type: 'facts'; readonly facts: FactsBody }
  /** The state of its network, whole. */
  | { readonly type: 'network'; readonly network: NodeNetworkBody }
  /** What the balancers there serve, by their instances: all of them. */
  | { readonly type: 'balancing'; readonly balancers: BalancersSaid }
  /** What it and what runs on it use. */
  | { readonly type: 'statistics'; readonly statistics: NodeStatistics }
  /** Its copy of a table is not what it must be. */
  | { readonly type: 'tableWanted'; readonly table: TableName }
  | StreamMessage;

/** What the master says. */
export type FromMaster =
  | { readonly type: 'assignments'; readonly assignments: Assignments }
  | ({ readonly type: 'table' } & AnyTablePart)
  /** Also says what the tables must be by now, of those that were sent. */
  | { readonly type: 'ping'; readonly sequence: number; readonly tables: TableStates }
  /** Another authority signs from now on: the agent is to ask for a new certificate. */
  | { readonly type: 'renewNow' }
  | StreamMessage;
