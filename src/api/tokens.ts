import { type Change, drop, type Instant, isName, isoTime, KontenaError, later, put, type Revision, type TokenBody } from '../model/index.js';
import type { Author, Caller, NewToken, Store, TokenCalls, TokenRequest, View } from '../ports/index.js';
import type { AuthorIn } from './author-in.js';
import { requireLabels } from './nodes.js';
import { notFound } from './not-found.js';
import { requireGrid } from './require-grid.js';
import { homeOfRole, requireAsMuch } from './rights.js';
import { createRobot, type RobotMeans } from './robots.js';
import { findToken, type FoundToken, keepToken, newId, type TokenMeans } from './token-records.js';

/** A token lives at most a year: longer than any machine should wait to join. */
const LONGEST_SECONDS = 365 * 24 * 3600;

/** More machines than anyone starts with one token, fewer than would make a lost one a disaster. */
const MOST_USES = 1000;

/** What may be asked of tokens. */
export const tokenCalls = (means: RobotMeans, author: AuthorIn, caller: Caller): TokenCalls => ({
  create: (grid, request) => createToken(means, author(grid), request),
  createRobot: (grid, request) => createRobot(means, author(grid), caller, request),
});

/**
 * Makes a token with which agents may join the grid until it is used up or expires. Only a hash of it is kept.
 *
 * @throws KontenaError KON_INVALID, KON_NOT_FOUND when the grid does not exist
 */
async function createToken(means: TokenMeans, author: Author, request: TokenRequest): Promise<NewToken> {
  const { ttlSeconds, labels, uses = 1, node } = request;
  if (!(ttlSeconds > 0 && ttlSeconds <= LONGEST_SECONDS)) throw new KontenaError('KON_INVALID', `a token cannot live ${ttlSeconds} seconds: 1 second to 365 days are allowed`);
  if (!(Number.isInteger(uses) && uses >= 1 && uses <= MOST_USES)) throw new KontenaError('KON_INVALID', `a token cannot be used ${uses} times: 1 to ${MOST_USES} are allowed`);
  if (node !== undefined && !isName(node)) throw new KontenaError('KON_INVALID', `"${node}" cannot name a node: letters, digits, - and _, at most 63 of them, are wanted`);
  if (node !== undefined && uses > 1) throw new KontenaError('KON_INVALID', `a token for node ${node} is for one machine; it cannot be used ${uses} times`);
  requireLabels(labels);
  const expiresAt = later(means.clock.now(), ttlSeconds * 1000);
  return keepToken(means, author, { id: newId(means.random), why: 'token created', body: { expiresAt, labels, uses, used: 0, ...(node === undefined ? {} : { node }) } });
}

/** @throws KontenaError KON_NOT_FOUND, KON_FORBIDDEN for a program's that may do more */
export async function removeToken(store: Store, author: Author, caller: Caller, id: string): Promise<{ readonly revision: Revision }> {
  const { grid } = author;
  const robot = store.view(grid).get('Token', id)?.body.robot;
  if (robot !== undefined) requireAsMuch(store, caller, homeOfRole(robot.role, grid), robot.role);
  const { revision } = await store.update(author, (view) => {
    requireGrid(view);
    if (view.get('Token', id) === undefined) throw notFound({ what: 'token', typed: id, grid: view.grid, known: view.list('Token').map(({ name }) => name) });
    return { steps: [drop('Token', id, 'revoked')] };
  });
  return { revision };
}

/** The grid and the id of a join token. @throws KontenaError KON_TOKEN_INVALID when `<id>.<secret>` is of no grid, is wrong, has expired, or is a program's */
export function requireToken(store: Store, token: string, now: Instant): Pick<FoundToken, 'grid' | 'id'> {
  const found = findToken(store, token);
  if (found === undefined) throw new KontenaError('KON_TOKEN_INVALID', UNKNOWN);
  const { grid, id, body } = found;
  if (body.robot !== undefined) throw new KontenaError('KON_TOKEN_INVALID', `token ${id} is for a program: no machine joins with it`);
  if (body.expiresAt <= now) throw new KontenaError('KON_TOKEN_INVALID', `join token ${id} expired at ${isoTime(body.expiresAt)}`);
  return { grid, id };
}

/**
 * A token that a node of this name may use now, as it is when it has been. Both belong into the transaction that makes the
 * node, so that no token is used twice and none is lost.
 *
 * @throws KontenaError KON_TOKEN_INVALID when it was revoked or used up meanwhile, or is for another node
 */
export function useToken(view: View, id: string, node: string): { readonly token: TokenBody; readonly step: Change } {
  const token = view.get('Token', id)?.body;
  if (token === undefined) throw new KontenaError('KON_TOKEN_INVALID', UNKNOWN);
  if (token.node !== undefined && token.node !== node) throw new KontenaError('KON_TOKEN_INVALID', `join token ${id} is for node ${token.node}, not for ${node}`);
  if (token.used >= token.uses) {
    const times = token.uses === 1 ? 'was used' : `was used ${token.used} times, as many as it may`;
    throw new KontenaError('KON_TOKEN_INVALID', `join token ${id} ${times}; the last to join with it was node ${token.lastNode ?? ''}`);
  }
  return { token, step: put('Token', id, { ...token, used: token.used + 1, lastNode: node }, `used by node ${node}`) };
}

const UNKNOWN = 'this join token is not known here';
