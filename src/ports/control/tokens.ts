import type { Instant } from '../../model/index.js';
import { type Actions, onGrid } from './actions.js';

export interface TokenRequest {
  readonly ttlSeconds: number;
  /** Of every node that joins with it. */
  readonly labels: readonly string[];
  /** How many nodes may join with it. Default 1. */
  readonly uses?: number;
  /** For this node only, in the place of another machine if it is known. */
  readonly node?: string;
}

export interface NewToken {
  readonly id: string;
  /** `<id>.<secret>`, shown once; the link adds the CA's fingerprint. */
  readonly token: string;
  readonly expiresAt: Instant;
}

export interface TokenCalls {
  /** @throws KON_INVALID */
  create(grid: string, request: TokenRequest): Promise<NewToken>;
}

export const TOKEN_ACTIONS: Actions<TokenCalls> = {
  create: { action: 'token.create', isChange: true, on: onGrid, detail: (_grid, { uses = 1, node }) => (node === undefined ? `for ${uses} nodes` : `for node ${node}`) },
};
