import type { LogLine, LogSearch, Revision } from '../../model/index.js';
import { type Actions, onGrid } from './actions.js';
import type { StatisticsOfNode, StatisticsQuery } from './statistics.js';

/** What people decide about a node; absent, it stays as it is. */
export interface NodeChange {
  readonly availability?: 'active' | 'drain';
  readonly labels?: readonly string[];
  /** The machine that bore the name before is gone, or is this one: what keeps data may start. */
  readonly isConfirmed?: boolean;
}

export interface NodeCalls {
  /** Changes what people decide about a node. @throws KON_NOT_FOUND, KON_INVALID */
  update(grid: string, node: string, change: NodeChange): Promise<{ readonly revision: Revision }>;
  /** Gives a node another key for its tunnels. @throws KON_NOT_FOUND, KON_NODE_UNREACHABLE */
  rotateKeys(grid: string, node: string, signal: AbortSignal): Promise<{ readonly publicKey: string }>;
  /** What the agent of a node said itself. @throws KON_NOT_FOUND, KON_INVALID, KON_NODE_UNREACHABLE */
  logs(grid: string, node: string, search: LogSearch, signal: AbortSignal): AsyncIterable<readonly LogLine[]>;
  /** What nodes use. @throws KON_NOT_FOUND */
  statistics(grid: string, query: StatisticsQuery, signal: AbortSignal): AsyncIterable<StatisticsOfNode>;
}

export const NODE_ACTIONS: Actions<NodeCalls> = {
  update: { action: 'node.update', isChange: true, on: (grid, name) => ({ grid, kind: 'node', name }), detail: (_grid, _name, change) => Object.entries(change).map(([what, to]) => `${what} ${String(to)}`).join(', ') },
  logs: { action: 'node.logs', isChange: false, on: (grid, name) => ({ grid, kind: 'node', name }) },
  statistics: { action: 'node.statistics', isChange: false, on: onGrid },
  rotateKeys: { action: 'node.rotate-keys', isChange: true, on: (grid, name) => ({ grid, kind: 'node', name }) },
};
