import type { Lookup, NetworkStatus } from '../../model/index.js';
import { type Actions, onGrid } from './actions.js';

/** What is said of the networks of a grid's nodes. */
export type NetworkItem =
  | { readonly type: 'node'; readonly node: string; readonly network: NetworkStatus }
  | { readonly type: 'unreachable'; readonly node: string; readonly reason: string }
  /** Under these bounds half of the changes, and 99 of 100, were served, in milliseconds; absent where none were, or beyond the last bound. */
  | { readonly type: 'served'; readonly count: number; readonly medianMs?: number; readonly p99Ms?: number };

export interface NetworkQuery {
  /** Only this one. */
  readonly node?: string;
  /** Each node reaches for all others. */
  readonly isProbed: boolean;
}

export interface LookUpQuery {
  readonly name: string;
  /** Where it is looked up. */
  readonly node?: string;
}

/** What a name means on the node that was asked. */
export interface LookUpAnswer extends Lookup {
  readonly askedNode: string;
}

export interface NetworkCalls {
  /**
   * How the network of one node is, or of all that are connected. Last, how long changes of what all share took until they
   * were served.
   * @throws KON_NOT_FOUND
   */
  status(grid: string, query: NetworkQuery, signal: AbortSignal): AsyncIterable<NetworkItem>;
  /** What a name means on a node, or on any that is connected. @throws KON_INVALID for what is no name, KON_NOT_FOUND, KON_NODE_UNREACHABLE */
  lookUp(grid: string, query: LookUpQuery, signal: AbortSignal): Promise<LookUpAnswer>;
}

export const NETWORK_ACTIONS: Actions<NetworkCalls> = {
  status: { action: 'network.status', isChange: false, on: onGrid },
  lookUp: { action: 'network.look-up', isChange: false, on: onGrid },
};
