import type { Assignments, ErrorCode, FactsBody, InstanceReport, LogLine } from '../../model/index.js';
import type { LogQuery } from '../../ports/index.js';

/** Whether the container engine answers its agent, and what is the matter when not. */
export interface EngineState {
  readonly isAnswering: boolean;
  readonly reason?: string;
}

/** What an agent says. On every connect: `hello`, then the snapshot in one or more parts, then what changed since. */
export type FromNode =
  | { readonly type: 'hello'; readonly facts: FactsBody; readonly engine: EngineState }
  | { readonly type: 'snapshot'; readonly reports: readonly InstanceReport[]; readonly isLast: boolean }
  | { readonly type: 'reports'; readonly reports: readonly InstanceReport[] }
  | { readonly type: 'pong'; readonly sequence: number }
  | { readonly type: 'engine'; readonly engine: EngineState }
  | { readonly type: 'facts'; readonly facts: FactsBody }
  | { readonly type: 'logLines'; readonly id: number; readonly lines: readonly Omit<LogLine, 'instance'>[] }
  | { readonly type: 'logEnd'; readonly id: number; readonly error?: { readonly code: ErrorCode; readonly message: string } };

/** What the master says. Credit is the number of `logLines` the agent may send before it is given more. */
export type FromMaster =
  | { readonly type: 'assignments'; readonly assignments: Assignments }
  | { readonly type: 'ping'; readonly sequence: number }
  | { readonly type: 'renewNow' }
  | { readonly type: 'logOpen'; readonly id: number; readonly instance: string; readonly query: LogQuery; readonly credit: number }
  | { readonly type: 'logMore'; readonly id: number; readonly credit: number }
  | { readonly type: 'logClose'; readonly id: number };
