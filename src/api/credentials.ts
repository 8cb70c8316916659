import { type CredentialBody, drop, elapsedMs, type Instant, isName, isoTime, KontenaError, later, type Millis, put, type Revision, settled, standingOfKey } from '../model/index.js';
import type { Access, Author, Authority, Caller, Clock, CredentialCalls, CredentialRequest, Issued, NewCredential, Store, View } from '../ports/index.js';
import type { AuthorIn } from './author-in.js';
import { FIRST_GRID } from './first-grid.js';
import { addMember, requireMayGive } from './members.js';
import { renewSession, sessionCaller, type SessionMeans } from './people/sessions.js';
import { failureOf, type Notebook, STRANGERS } from './notebook.js';
import { notFound } from './not-found.js';
import { memberships, requireAsLong, requireAsMuch } from './rights.js';
import { robotOf } from './robots.js';

/** A credential lives at least a minute, so that who gets it can use it, */
const SHORTEST_SECONDS = 60;
/** and at most ten years, as long as an authority. */
const LONGEST_SECONDS = 3650 * 24 * 3600;
/** The master's own, whose key lies among its files. */
const OWN = 'admin';
/** Its use is written down so often from each address, whatever is done with it. */
const OWN_TOLD_EVERY_MS: Millis = 3_600_000;

type Means = SessionMeans;

/** What may be asked of credentials, by one who has one. */
export const credentialCalls = (means: Means, author: AuthorIn, caller: Caller): CredentialCalls => ({
  create: (request) => createCredential(means, author, caller, request),
  renew: () => renewCredential(means, author(FIRST_GRID), caller),
});

/** What is asked for is not looked at before it is known who asks. */
const CALL = 'master.call';

/** Says at each call whether a credential still opens anything. */
export function createAccess({ store, clock, notebook }: Pick<Means, 'store' | 'clock'> & { readonly notebook: Notebook }): Access {
  const requireValid = (name: string, keyFingerprint: string): void => {
    const body = store.view(FIRST_GRID).get('Credential', name)?.body;
    if (body === undefined) throw unauthenticated(`credential ${name} is not known here`);
    if (body.isRevoked) throw unauthenticated(`credential ${name} was revoked`);
    if (body.endsAt <= clock.now()) throw unauthenticated(`credential ${name} ended at ${isoTime(body.endsAt)}`);
    const standing = standingOfKey(body, keyFingerprint);
    if (standing === 'strange') throw unauthenticated(`credential ${name} has another key: it was made anew or renewed since`);
    if (standing === 'current' && body.formerKey !== undefined) forgetFormer(store, name, keyFingerprint);
  };
  /** When the master's own was last told of, by the address it was used from. */
  const told = new Map<string, Instant>();
  const noteOwn = (credential: string, from: string): void => {
    const last = told.get(from);
    if (last !== undefined && elapsedMs(last, clock.now()) < OWN_TOLD_EVERY_MS) return;
    told.set(from, clock.now());
    notebook.noteLater({ who: OWN, credential, from, action: 'admin.use', outcome: 'done', reason: 'the way in for whoever may read the files of the master' });
  };
  return {
    admit: (name, keyFingerprint, from): Caller => {
      const origin = from === undefined ? {} : { from };
      try {
        const person = sessionCaller(store, clock, name, keyFingerprint);
        if (person !== undefined) return { ...person, ...origin };
        requireValid(name, keyFingerprint);
        if (name === OWN && from !== undefined) noteOwn(keyFingerprint, from);
      } catch (why) {
        notebook.refused({ who: name, credential: keyFingerprint, ...origin, action: CALL, ...failureOf(why) });
        throw why;
      }
      return { name, keyFingerprint, ...origin };
    },
    admitToken: (token, from): Caller => {
      const origin = from === undefined ? {} : { from };
      try {
        return { ...robotOf(store, token, clock.now()), ...origin };
      } catch (why) {
        notebook.refused({ who: STRANGERS, ...origin, action: CALL, ...failureOf(why) });
        throw why;
      }
    },
    turnedAway: (from, why) => notebook.refused({ who: STRANGERS, from, action: CALL, outcome: 'refused', reason: why }),
  };
}

const unauthenticated = (message: string): KontenaError => new KontenaError('KON_UNAUTHENTICATED', message);

/** The newer key is in use. If this cannot be written now, it is at the next call. */
function forgetFormer(store: Store, name: string, seen: string): void {
  store.update({ writer: 'api', grid: FIRST_GRID }, (view) => {
    const body = view.get('Credential', name)?.body;
    return { steps: body?.formerKey === undefined || body.keyFingerprint !== seen ? [] : [put('Credential', name, settled(body), 'the renewed key is in use')] };
  }).catch(() => undefined);
}

/**
 * Makes a credential. The key is known to whom it is given to, and to nobody else. Whose name it bears may have had one before:
 * then it has the roles of then, and whoever makes it must have as much.
 *
 * @throws KontenaError KON_INVALID, KON_CONFLICT while there is a living one of that name, KON_NOT_FOUND, KON_FORBIDDEN
 */
async function createCredential(means: Means, author: AuthorIn, caller: Caller, { name, lifetimeSeconds, role, grid }: CredentialRequest): Promise<NewCredential> {
  const { store, clock, authority } = means;
  if (!isName(name)) throw new KontenaError('KON_INVALID', `"${name}" cannot name a credential: letters, digits, - and _, at most 63 of them, are wanted`);
  if (!(lifetimeSeconds >= SHORTEST_SECONDS && lifetimeSeconds <= LONGEST_SECONDS)) {
    throw new KontenaError('KON_INVALID', `a credential cannot live ${lifetimeSeconds} seconds: 1 minute to 3650 days are allowed`);
  }
  requireNew(name, store.view(FIRST_GRID), clock);
  requireMayGive(store, caller, { name, role, grid });
  for (const before of memberships(store, name)) requireAsMuch(store, caller, before.grid, before.role);
  const lifetimeMs = lifetimeSeconds * 1000;
  requireAsLong(store, caller, later(clock.now(), lifetimeMs));
  const issued = await authority.issue(name, lifetimeMs);
  await store.update(author(FIRST_GRID), (view) => {
    requireNew(name, view, clock);
    return { steps: [put('Credential', name, { ...bodyOf(issued, lifetimeMs, authority), isByRoles: true }, 'credential created')] };
  });
  await addMember(store, author, caller, { name, role, grid });
  return given(name, issued);
}

function requireNew(name: string, view: View, clock: Clock): void {
  if (view.get('User', name) !== undefined) throw new KontenaError('KON_CONFLICT', `there is a user ${name}, and one name is one thing: choose another`);
  const before = view.get('Credential', name)?.body;
  if (before === undefined || before.isRevoked || before.endsAt <= clock.now()) return;
  throw new KontenaError('KON_CONFLICT', `there is a credential ${name}, which lives until ${isoTime(before.endsAt)}: revoke it first, or choose another name`);
}

const bodyOf = ({ keyFingerprint, endsAt }: Issued, lifetimeMs: Millis, { signer }: Authority): CredentialBody => ({ keyFingerprint, endsAt, lifetimeMs, authority: signer, isRevoked: false });

const given = (name: string, { ca, certificate, key, endsAt }: Issued): NewCredential => ({ name, ca, certificate, key, endsAt });

/**
 * The caller's own credential anew. The master's own is renewed by the master alone, and told as it is.
 *
 * @throws KontenaError KON_INVALID for a caller without one, KON_UNAUTHENTICATED when it was revoked meanwhile
 */
async function renewCredential(means: Means, author: Author, caller: Caller): Promise<NewCredential> {
  const { store, authority } = means;
  const { name, keyFingerprint: from, token } = caller;
  if (caller.session !== undefined) return renewSession(means, author, caller);
  if (token !== undefined) throw new KontenaError('KON_INVALID', `${name} cannot be renewed: make another with \`kontenactl token create --role\``);
  if (from === undefined) throw new KontenaError('KON_INVALID', `${name} is a part of the master and has no credential`);
  if (name === OWN) return given(name, authority.admin());
  const lifetimeMs = requireCredential(name, store.view(FIRST_GRID)).lifetimeMs;
  const issued = await authority.issue(name, lifetimeMs);
  await store.update({ ...author, grid: FIRST_GRID }, (view) => {
    const body = requireCredential(name, view);
    if (body.isRevoked || standingOfKey(body, from) === 'strange') throw unauthenticated(`credential ${name} was revoked or renewed meanwhile`);
    return { steps: [put('Credential', name, { ...bodyOf(issued, lifetimeMs, authority), ...(body.isByRoles === true ? { isByRoles: true } : {}), formerKey: from }, 'credential renewed')] };
  });
  return given(name, issued);
}

/** From the next call on it opens nothing; what is open with it is cut. @throws KontenaError KON_NOT_FOUND, KON_FORBIDDEN for one that may do more */
export async function revokeCredential(store: Store, author: Author, caller: Caller, name: string): Promise<{ readonly revision: Revision }> {
  if (requireCredential(name, store.view(FIRST_GRID)).isByRoles !== true) requireAsMuch(store, caller, undefined, 'master-admin');
  for (const { grid, role } of memberships(store, name)) if (grid === undefined) requireAsMuch(store, caller, grid, role);
  const { plan, revision } = await store.update({ ...author, grid: FIRST_GRID }, (view) => {
    const body = requireCredential(name, view);
    return { steps: body.isRevoked ? [] : [put('Credential', name, { ...settled(body), isRevoked: true }, 'revoked')], at: view.get('Credential', name)?.revision ?? 0 };
  });
  return { revision: plan.steps.length > 0 ? revision : plan.at };
}

/** How long one that ended is kept, so that who shows it is told so. */
const REMEMBERED_MS: Millis = 30 * 24 * 3_600_000;

/** Records the master's own credential as it is; after a revocation it gets another key first. Forgets what ended long ago. */
export async function keepOwnCredential({ store, clock, authority }: Pick<Means, 'store' | 'clock' | 'authority'>): Promise<void> {
  const before = store.view(FIRST_GRID).get('Credential', OWN)?.body;
  if (before?.isRevoked === true && before.keyFingerprint === authority.admin().keyFingerprint) await authority.renewAdmin();
  const issued = authority.admin();
  const now = clock.now();
  await store.update({ writer: 'api', grid: FIRST_GRID }, (view) => {
    const known = view.get('Credential', OWN)?.body;
    const isSame = known?.keyFingerprint === issued.keyFingerprint && known.endsAt === issued.endsAt && known.authority === authority.signer;
    const long = view.list('Credential').filter(({ body }) => later(body.endsAt, REMEMBERED_MS) < now);
    return {
      steps: [
        ...(isSame ? [] : [put('Credential', OWN, bodyOf(issued, issued.endsAt - now, authority), 'the credential of the master itself')]),
        ...long.filter(({ name }) => name !== OWN).map(({ name }) => drop('Credential', name, 'ended')),
      ],
    };
  });
}

function requireCredential(name: string, view: View): CredentialBody {
  const body = view.get('Credential', name)?.body;
  if (body === undefined) throw notFound({ what: 'credential', typed: name, grid: view.grid, known: view.list('Credential').map((one) => one.name) });
  return body;
}
