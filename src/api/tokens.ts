import { createHash, timingSafeEqual } from 'node:crypto';
import { drop, elapsedMs, type Entry, type Instant, isoTime, KontenaError, later, type Millis, put, type Revision } from '../model/index.js';
import type { Author, Clock, NewToken, Random, Store } from '../ports/index.js';
import { requireLabels } from './nodes.js';
import { notFound } from './not-found.js';
import { requireGrid } from './require-grid.js';

/** A token lives at most a year: longer than any machine should wait to join. */
const LONGEST_SECONDS = 365 * 24 * 3600;

/** How long an expired token is kept, so that who uses it is told that it expired, and when. */
const REMEMBERED_MS: Millis = 24 * 3600 * 1000;

interface Means {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Makes a token with which agents may join the grid until it expires. Only a hash of it is kept.
 *
 * @throws KontenaError KON_INVALID, KON_NOT_FOUND when the grid does not exist
 */
export async function createToken({ store, clock, random }: Means, author: Author, request: { readonly ttlSeconds: number; readonly labels: readonly string[] }): Promise<NewToken> {
  const { ttlSeconds, labels } = request;
  if (!(ttlSeconds > 0 && ttlSeconds <= LONGEST_SECONDS)) throw new KontenaError('KON_INVALID', `a token cannot live ${ttlSeconds} seconds: 1 second to 365 days are allowed`);
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
        put('Token', id, { secretHash: sha256(secret).toString('hex'), expiresAt, labels }, 'token created'),
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

/** @throws KontenaError KON_TOKEN_INVALID when `<id>.<secret>` is of no grid, is wrong, or has expired */
export function requireToken(store: Store, token: string, now: Instant): { readonly grid: string; readonly entry: Entry<'Token'> } {
  const dot = token.indexOf('.');
  const id = token.slice(0, Math.max(dot, 0));
  for (const grid of store.grids()) {
    const entry = store.view(grid).get('Token', id);
    if (entry === undefined) continue;
    if (!timingSafeEqual(sha256(token.slice(dot + 1)), Buffer.from(entry.body.secretHash, 'hex'))) break;
    if (entry.body.expiresAt <= now) throw new KontenaError('KON_TOKEN_INVALID', `join token ${id} expired at ${isoTime(entry.body.expiresAt)}`);
    return { grid, entry };
  }
  throw new KontenaError('KON_TOKEN_INVALID', 'this join token is not known here');
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
