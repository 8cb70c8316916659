import { createHash, timingSafeEqual } from 'node:crypto';
import { type Change, drop, elapsedMs, type Instant, isName, isoTime, KontenaError, later, type Millis, put, type Revision, type TokenBody } from '../model/index.js';
import type { Author, Clock, NewToken, Random, Store, TokenCalls, TokenRequest, View } from '../ports/index.js';
import type { AuthorIn } from './author-in.js';
import { requireLabels } from './nodes.js';
import { notFound } from './not-found.js';
import { requireGrid } from './require-grid.js';

/** A token lives at most a year: longer than any machine should wait to join. */
const LONGEST_SECONDS = 365 * 24 * 3600;

/** How long an expired token is kept, so that who uses it is told that it expired, and when. */
const REMEMBERED_MS: Millis = 24 * 3600 * 1000;

/** More machines than anyone starts with one token, fewer than would make a lost one a disaster. */
const MOST_USES = 1000;

interface Means {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

/** What may be asked of join tokens. */
export const tokenCalls = (means: Means, author: AuthorIn): TokenCalls => ({
  create: (grid, request) => createToken(means, author(grid), request),
});

/**
 * Makes a token with which agents may join the grid until it is used up or expires. Only a hash of it is kept.
 *
 * @throws KontenaError KON_INVALID, KON_NOT_FOUND when the grid does not exist
 */
async function createToken({ store, clock, random }: Means, author: Author, request: TokenRequest): Promise<NewToken> {
  const { ttlSeconds, labels, uses = 1, node } = request;
  if (!(ttlSeconds > 0 && ttlSeconds <= LONGEST_SECONDS)) throw new KontenaError('KON_INVALID', `a token cannot live ${ttlSeconds} seconds: 1 second to 365 days are allowed`);
  if (!(Number.isInteger(uses) && uses >= 1 && uses <= MOST_USES)) throw new KontenaError('KON_INVALID', `a token cannot be used ${uses} times: 1 to ${MOST_USES} are allowed`);
  if (node !== undefined && !isName(node)) throw new KontenaError('KON_INVALID', `"${node}" cannot name a node: letters, digits, - and _, at most 63 of them, are wanted`);
  if (node !== undefined && uses > 1) throw new KontenaError('KON_INVALID', `a token for node ${node} is for one machine; it cannot be used ${uses} times`);
  requireLabels(labels);
  // In hex: an id of base64url could begin with a dash, and be taken for a flag.
  const id = sha256(random.secret(16)).toString('hex').slice(0, 12);
  const secret = random.secret(32);
  const now = clock.now();
  const expiresAt = later(now, ttlSeconds * 1000);
  await store.update(author, (view) => {
    requireGrid(view);
    const forgotten = view.list('Token').filter(({ body }) => elapsedMs(body.expiresAt, now) > REMEMBERED_MS);
    return {
      steps: [
        ...forgotten.map(({ name }) => drop('Token', name, 'expired')),
        put('Token', id, { secretHash: sha256(secret).toString('hex'), expiresAt, labels, uses, used: 0, ...(node === undefined ? {} : { node }) }, 'token created'),
      ],
    };
  });
  return { id, token: `${id}.${secret}`, expiresAt };
}

/** @throws KontenaError KON_NOT_FOUND */
export async function removeToken(store: Store, author: Author, id: string): Promise<{ readonly revision: Revision }> {
  const { revision } = await store.update(author, (view) => {
    requireGrid(view);
    if (view.get('Token', id) === undefined) throw notFound({ what: 'token', typed: id, grid: view.grid, known: view.list('Token').map(({ name }) => name) });
    return { steps: [drop('Token', id, 'revoked')] };
  });
  return { revision };
}

/** The grid and the id of a token. @throws KontenaError KON_TOKEN_INVALID when `<id>.<secret>` is of no grid, is wrong, or has expired */
export function requireToken(store: Store, token: string, now: Instant): { readonly grid: string; readonly id: string } {
  const dot = token.indexOf('.');
  const id = token.slice(0, Math.max(dot, 0));
  for (const grid of store.grids()) {
    const body = store.view(grid).get('Token', id)?.body;
    if (body === undefined) continue;
    if (!timingSafeEqual(sha256(token.slice(dot + 1)), Buffer.from(body.secretHash, 'hex'))) break;
    if (body.expiresAt <= now) throw new KontenaError('KON_TOKEN_INVALID', `join token ${id} expired at ${isoTime(body.expiresAt)}`);
    return { grid, id };
  }
  throw new KontenaError('KON_TOKEN_INVALID', UNKNOWN);
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

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
