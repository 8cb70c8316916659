import { type Change, drop, type Instant, isoTime, KontenaError, type Provider, put, SESSION_MS, type SessionBody, sessionsOf, settled, standingOfKey } from '../../model/index.js';
import type { Author, Authority, Caller, Clock, Identity, KeyProof, NewCredential, Random, SignedIn, Store, View, Who } from '../../ports/index.js';
import { FIRST_GRID } from '../first-grid.js';
import { notFound } from '../not-found.js';
import { isUnbounded, rolesByName } from '../rights.js';
import { newId } from '../token-records.js';
import type { VaultMeans } from '../vault.js';
import { forgetOwn, keepOwn, type KeptOwn, readOwn, readyOwn, renewalOf, together } from './own-secrets.js';

export interface SessionMeans extends VaultMeans {
  readonly clock: Clock;
  readonly random: Random;
  readonly authority: Authority;
  /** Asks the provider of a person whether it still says yes, and to which groups they belong. */
  readonly confirm: (user: string, provider: Provider | undefined, renewal: string | undefined) => Promise<Pick<Identity, 'groups' | 'renewal'>>;
}

interface Begun {
  readonly user: string;
  readonly groups: readonly string[];
  readonly renewal?: string | undefined;
  readonly key: KeyProof;
  readonly from: string;
  /** What else is recorded with it; refuses what may not be. */
  readonly besides: (view: View) => readonly Change[];
}

/** Begins a session for somebody who has proved who they are; what ended is forgotten. @throws KontenaError KON_INVALID */
export async function beginSession(means: SessionMeans, { user, groups, renewal, key, from, besides }: Begun): Promise<SignedIn> {
  const { store, clock, random, authority } = means;
  const { ca, certificate, keyFingerprint, endsAt } = await authority.certify(key, user, SESSION_MS);
  const name = `${sessionsOf(user)}${newId(random)}`;
  const kept = renewal === undefined ? undefined : readyOwn(means, renewalOf(name), renewal);
  await store.update({ writer: 'api', grid: FIRST_GRID, actor: user }, (view) => {
    const over = view.list('Session').filter(({ body }) => body.endsAt <= clock.now());
    const body: SessionBody = { keyFingerprint, endsAt, authority: authority.signer, from, groups };
    return together(
      { steps: besides(view), sealed: [] }, ended(view, over.map((one) => one.name), 'ended'),
      { steps: [put('Session', name, body, 'signed in')], sealed: [] }, ...(kept === undefined ? [] : [keepOwn(kept, view)]),
    );
  });
  return { user, ca, certificate, endsAt };
}

/** What ends sessions, and erases what their providers would be asked with. */
const ended = (view: View, names: readonly string[], why: string): KeptOwn =>
  together({ steps: names.map((name) => drop('Session', name, why)), sealed: [] }, ...names.map((name) => forgetOwn(renewalOf(name), view)));

/** Who shows this key, of people who have signed in; undefined where there is no user of that name. @throws KontenaError KON_UNAUTHENTICATED */
export function sessionCaller(store: Store, clock: Clock, name: string, keyFingerprint: string): Caller | undefined {
  const view = store.view(FIRST_GRID);
  const user = view.get('User', name)?.body;
  if (user === undefined) return undefined;
  if (user.isDisabled) throw refused(`user ${name} was disabled`);
  const session = view.list('Session', sessionsOf(name)).find(({ body }) => standingOfKey(body, keyFingerprint) !== 'strange');
  if (session === undefined) throw refused(`${name} is not signed in with this certificate any more`);
  if (session.body.endsAt <= clock.now()) throw refused(`the session of ${name} ended at ${isoTime(session.body.endsAt)}`);
  if (session.body.formerKey !== undefined && session.body.keyFingerprint === keyFingerprint) forgetFormer(store, session.name, keyFingerprint);
  return { name, keyFingerprint, session: session.name };
}

const refused = (message: string): KontenaError => new KontenaError('KON_UNAUTHENTICATED', message);

/** The newer key is in use. If this cannot be written now, it is at the next call. */
function forgetFormer(store: Store, session: string, seen: string): void {
  store.update({ writer: 'api', grid: FIRST_GRID }, (view) => {
    const body = view.get('Session', session)?.body;
    return { steps: body?.formerKey === undefined || body.keyFingerprint !== seen ? [] : [put('Session', session, settled(body), 'the renewed key is in use')] };
  }).catch(() => undefined);
}

/** A session with a new key, for as long again, while the provider still says yes. @throws KontenaError KON_UNAUTHENTICATED when it was ended meanwhile, KON_SIGN_IN_REFUSED, KON_PROVIDER_UNREACHABLE */
export async function renewSession(means: SessionMeans, author: Author, { name, session = '', keyFingerprint: from }: Caller): Promise<NewCredential> {
  const { store, authority } = means;
  const provider = store.view(FIRST_GRID).get('User', name)?.body.provider;
  const { groups, renewal } = await means.confirm(name, provider, readOwn(means, renewalOf(session)));
  const { ca, certificate, key, keyFingerprint, endsAt } = await authority.issue(name, SESSION_MS);
  const kept = renewal === undefined ? undefined : readyOwn(means, renewalOf(session), renewal);
  await store.update({ ...author, grid: FIRST_GRID }, (view) => {
    const body = view.get('Session', session)?.body;
    if (body === undefined || from === undefined || standingOfKey(body, from) === 'strange' || view.get('User', name)?.body.isDisabled !== false) throw refused(`the session of ${name} was ended or renewed meanwhile`);
    const renewed = { ...settled(body), keyFingerprint, endsAt, authority: authority.signer, groups, formerKey: from };
    return together({ steps: [put('Session', session, renewed, 'session renewed')], sealed: [] }, ...(kept === undefined ? [] : [keepOwn(kept, view)]));
  });
  return { name, ca, certificate, key, endsAt };
}

/** What ends every session of a user but one. */
export const endAll = (view: View, user: string, why: string, except?: string): KeptOwn =>
  ended(view, view.list('Session', sessionsOf(user)).map(({ name }) => name).filter((name) => name !== except), why);

/** From the next call on it opens nothing, and what is open with it is cut. @throws KontenaError KON_NOT_FOUND */
export async function endSession(store: Store, author: Author, session: string): Promise<{ readonly revision: number }> {
  const { revision } = await store.update({ ...author, grid: FIRST_GRID }, (view) => {
    if (view.get('Session', session) === undefined) throw notFound({ what: 'session', typed: session, known: view.list('Session').map(({ name }) => name) });
    return ended(view, [session], 'signed out');
  });
  return { revision };
}

/** @throws KontenaError KON_INVALID for who has not signed in */
export async function endOwnSession(store: Store, author: Author, { name, session }: Caller): Promise<void> {
  if (session === undefined) throw new KontenaError('KON_INVALID', `${name} has not signed in, and has no session to end`);
  await endSession(store, author, session);
}

/** Who asks, and what they may. */
export function whoIs(store: Store, caller: Caller): Who {
  const { provider, endsAt, groups = [] } = known(store, caller);
  return {
    name: caller.name,
    as: kindOf(caller),
    ...(provider === undefined ? {} : { provider }),
    ...(endsAt === undefined ? {} : { endsAt }),
    groups,
    roles: rolesByName(store, caller),
    isUnbounded: isUnbounded(store, caller),
  };
}

function kindOf({ session, token, keyFingerprint }: Caller): Who['as'] {
  if (session !== undefined) return 'user';
  if (token !== undefined) return 'token';
  return keyFingerprint === undefined ? 'master' : 'credential';
}

/** What is recorded of whatever somebody is let in with. */
function known(store: Store, { name, session, token }: Caller): { readonly endsAt?: Instant | undefined; readonly provider?: string | undefined; readonly groups?: readonly string[] | undefined } {
  const view = store.view(FIRST_GRID);
  if (session !== undefined) return { ...view.get('Session', session)?.body, provider: view.get('User', name)?.body.provider };
  return token === undefined ? { endsAt: view.get('Credential', name)?.body.endsAt } : { endsAt: store.view(token.grid).get('Token', token.id)?.body.expiresAt };
}
