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

/** A token for a program that uses the master. */
export interface RobotRequest {
  /** Of the token; one is made up where none is given. */
  readonly name?: string;
  /** In the grid, or on the master where the role is one of its own. */
  readonly role: string;
  readonly lifetimeSeconds: number;
}

export interface TokenCalls {
  /** @throws KON_INVALID */
  create(grid: string, request: TokenRequest): Promise<NewToken>;
  /**
   * A token by which a program is known, with one role.
   * @throws KON_INVALID, KON_CONFLICT when there is one of that name, KON_NOT_FOUND, KON_FORBIDDEN for more, or longer, than the giver may
   */
  createRobot(grid: string, request: RobotRequest): Promise<NewToken>;
}

export const TOKEN_ACTIONS: Actions<TokenCalls> = {
  create: { action: 'token.create', isChange: true, on: onGrid, detail: (_grid, { uses = 1, node }) => (node === undefined ? `for ${uses} nodes` : `for node ${node}`) },
  createRobot: { action: 'token.create-robot', isChange: true, on: onGrid, detail: (_grid, { role }) => `role ${role}` },
};
