import { createHash, timingSafeEqual } from 'node:crypto';
import { drop, elapsedMs, isoTime, KontenaError, type Millis, put, type TokenBody } from '../model/index.js';
import type { Author, Clock, NewToken, Random, Store } from '../ports/index.js';
import { requireGrid } from './require-grid.js';

/** How long an expired token is kept, so that who uses it is told that it expired, and when. */
const REMEMBERED_MS: Millis = 24 * 3600 * 1000;

export interface TokenMeans {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

/** A token as it is known here, by its id and its secret. */
export interface FoundToken {
  readonly grid: string;
  readonly id: string;
  readonly body: TokenBody;
}

/** The token that `<id>.<secret>` is, whatever follows; undefined of one that is not known, or whose secret is another. */
export function findToken(store: Store, token: string): FoundToken | undefined {
  const [id = '', secret = ''] = token.split('.');
  for (const grid of store.grids()) {
    const body = store.view(grid).get('Token', id)?.body;
    if (body !== undefined && timingSafeEqual(sha256(secret), Buffer.from(body.secretHash, 'hex'))) return { grid, id, body };
  }
  return undefined;
}

/** In hex: an id of base64url could begin with a dash, and be taken for a flag. */
export const newId = (random: Random): string => sha256(random.secret(16)).toString('hex').slice(0, 12);

interface Keeping {
  readonly id: string;
  readonly body: Omit<TokenBody, 'secretHash'>;
  readonly why: string;
}

/** Records a token with a secret that is told once; what expired long ago is forgotten. @throws KontenaError KON_NOT_FOUND, KON_CONFLICT when there is one of that name */
export async function keepToken({ store, clock, random }: TokenMeans, author: Author, { id, body, why }: Keeping): Promise<NewToken> {
  const secret = random.secret(32);
  const now = clock.now();
  await store.update(author, (view) => {
    requireGrid(view);
    const forgotten = view.list('Token').filter((entry) => elapsedMs(entry.body.expiresAt, now) > REMEMBERED_MS);
    const before = view.get('Token', id)?.body;
    if (before !== undefined && before.expiresAt > now) throw new KontenaError('KON_CONFLICT', `there is a token ${id} in grid ${view.grid}, which lives until ${isoTime(before.expiresAt)}: revoke it first, or choose another name`);
    return {
      steps: [
        ...forgotten.filter(({ name }) => name !== id).map(({ name }) => drop('Token', name, 'expired')),
        put('Token', id, { secretHash: sha256(secret).toString('hex'), ...body }, why),
      ],
    };
  });
  return { id, token: `${id}.${secret}`, expiresAt: body.expiresAt };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
