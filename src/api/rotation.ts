import { KontenaError } from '../model/index.js';
import type { Authority, Clock, Rotation, RotationRequest, Store } from '../ports/index.js';
import { keepOwnCredential } from './credentials.js';
import { FIRST_GRID } from './first-grid.js';

interface Means {
  readonly store: Store;
  readonly clock: Clock;
  readonly authority: Authority;
}

/**
 * Begins to change the authority: a second one is trusted and signs, and nodes are told to renew. The end, when the first is
 * trusted no more, is refused while that would shut somebody out.
 *
 * @throws KontenaError KON_CONFLICT
 */
export async function rotateAuthority(means: Means, { isEnd, isForced }: RotationRequest): Promise<Rotation> {
  const { authority } = means;
  if (isEnd === authority.isRotating) {
    if (isEnd) await end(means, isForced);
    else await authority.rotate();
    await keepOwnCredential(means);
    return { fingerprint: authority.signer, behind: behind(means) };
  }
  throw new KontenaError('KON_CONFLICT', isEnd ? 'no change of the certificate authority is under way' : 'a change of the certificate authority is under way: finish it first');
}

async function end(means: Means, isForced: boolean): Promise<void> {
  const left = behind(means);
  if (left.length > 0 && !isForced) {
    throw new KontenaError('KON_CONFLICT', `${left.join(', ')} would be shut out: what they have is of the authority before`);
  }
  await means.authority.finish();
}

/** Nodes and credentials whose certificates are of an older authority, and programs whose tokens name one. */
function behind({ store, clock, authority }: Means): readonly string[] {
  const nodes = store.grids().flatMap((grid) => store.view(grid).list('Node').flatMap(({ name, body }) => (body.authority === authority.signer ? [] : [`node ${name}`])));
  const living = store.view(FIRST_GRID).list('Credential').filter(({ body }) => !body.isRevoked && body.endsAt > clock.now());
  const robots = store.grids().flatMap((grid) => store.view(grid).list('Token').flatMap(({ name, body }) =>
    (body.robot === undefined || body.expiresAt <= clock.now() || body.robot.authority === authority.signer ? [] : [`token ${name}`])));
  return [...nodes, ...robots, ...living.flatMap(({ name, body }) => (body.authority === authority.signer ? [] : [`credential ${name}`]))];
}
