import { elapsedMs, type Instant, isName, isoTime, KontenaError, later, type Millis, put } from '../model/index.js';
import type { Author, Authority, Caller, NewToken, RobotRequest, Store } from '../ports/index.js';
import { requireMayGive } from './members.js';
import { requireAsLong } from './rights.js';
import { findToken, type FoundToken, keepToken, newId, type TokenMeans } from './token-records.js';

/** A program's token lives at least a minute, and at most ten years, like a credential. */
const SHORTEST_SECONDS = 60;
const LONGEST_SECONDS = 3650 * 24 * 3600;
/** When a token was last used is known to the hour: the history is not for every call. */
const USE_NOTED_EVERY_MS: Millis = 3_600_000;

export interface RobotMeans extends TokenMeans {
  readonly authority: Authority;
}

/**
 * Makes a token by which a program is known. It names the authority that the master shows, so none is made while that changes.
 *
 * @throws KontenaError KON_INVALID, KON_CONFLICT, KON_NOT_FOUND, KON_FORBIDDEN for more, or longer, than the caller may
 */
export async function createRobot(means: RobotMeans, author: Author, caller: Caller, { name, role, lifetimeSeconds }: RobotRequest): Promise<NewToken> {
  const { store, clock, random, authority } = means;
  const { grid } = author;
  if (name !== undefined && !isName(name)) throw new KontenaError('KON_INVALID', `"${name}" cannot name a token: letters, digits, - and _, at most 63 of them, are wanted`);
  if (!(lifetimeSeconds >= SHORTEST_SECONDS && lifetimeSeconds <= LONGEST_SECONDS)) {
    throw new KontenaError('KON_INVALID', `a program's token cannot live ${lifetimeSeconds} seconds: 1 minute to 3650 days are allowed`);
  }
  const expiresAt = later(clock.now(), lifetimeSeconds * 1000);
  requireMayGive(store, caller, { name: name ?? '', role, grid });
  requireAsLong(store, caller, expiresAt);
  if (authority.isRotating) throw new KontenaError('KON_CONFLICT', 'the certificate authority is being changed, and a token names one: finish that first (`kontenactl master rotate-ca --finish`)');
  const body = { expiresAt, labels: [], uses: 0, used: 0, robot: { role, authority: authority.signer } };
  return keepToken(means, author, { id: name ?? newId(random), body, why: `token created for a program, with role ${role}` });
}

/** Who shows this token. @throws KontenaError KON_TOKEN_INVALID */
export function robotOf(store: Store, token: string, now: Instant): Caller & { readonly token: { readonly grid: string; readonly id: string } } {
  const found = findToken(store, token);
  if (found === undefined) throw new KontenaError('KON_TOKEN_INVALID', 'this token is not known here: it was revoked, or is another master\'s');
  const { grid, id, body } = found;
  if (body.robot === undefined) throw new KontenaError('KON_TOKEN_INVALID', `token ${id} is for machines that join, and opens nothing else`);
  if (body.expiresAt <= now) throw new KontenaError('KON_TOKEN_INVALID', `token ${id} expired at ${isoTime(body.expiresAt)}`);
  noteUse(store, found, now);
  return { name: `token ${id}`, keyFingerprint: body.secretHash, token: { grid, id } };
}

/** If this cannot be written now, it is at the next call. */
function noteUse(store: Store, { grid, id, body }: FoundToken, now: Instant): void {
  if (isNoted(body.robot?.usedAt, now)) return;
  store.update({ writer: 'api', grid, actor: `token ${id}` }, (view) => {
    const known = view.get('Token', id)?.body;
    const robot = known?.robot;
    if (known === undefined || robot === undefined || isNoted(robot.usedAt, now)) return { steps: [] };
    return { steps: [put('Token', id, { ...known, robot: { ...robot, usedAt: now } }, 'used')] };
  }).catch(() => undefined);
}

const isNoted = (usedAt: Instant | undefined, now: Instant): boolean => usedAt !== undefined && elapsedMs(usedAt, now) < USE_NOTED_EVERY_MS;
