import { isGroupName, isUserName, KontenaError, type Millis, type Provider, put } from '../../model/index.js';
import type { Identity, Knock, PasswordKnock, SignedIn, SignIn, SignInBegun } from '../../ports/index.js';
import { FIRST_GRID } from '../first-grid.js';
import { failureOf, type Notebook, STRANGERS } from '../notebook.js';
import { memberships } from '../rights.js';
import { type Flows, within } from './flows.js';
import { passwordOf, readOwn } from './own-secrets.js';
import { directoryOf, oidcOf, type ProviderMeans } from './providers.js';
import { beginSession, type SessionMeans } from './sessions.js';
import { requireFree, type UserMeans } from './users.js';

interface Means extends UserMeans, SessionMeans, ProviderMeans {
  readonly notebook: Notebook;
  readonly flows: Flows;
}

const ACTION = 'session.begin';
/** So long is waited for somebody who types a code elsewhere, before they are told that nothing has come yet. */
const WAIT_MS: Millis = 5_000;
/** Of one person. */
const MOST_GROUPS = 200;

/** The api's answers to people who knock. */
export const createSignIn = (means: Means): SignIn => ({
  ways: () => ['password', ...means.store.view(FIRST_GRID).list('Provider').map(({ body }) => body.kind)],
  withPassword: (knock) => noted(means, knock, knock.user, () => withPassword(means, knock)),
  begin: (knock) => begin(means, knock),
  complete: (id, answer) => complete(means, id, answer),
});

async function withPassword(means: Means, knock: PasswordKnock): Promise<SignedIn> {
  const { user, password, origin } = knock;
  const { guesses } = means;
  const account = user.toLowerCase();
  guesses.begin(account, origin);
  const found = await identify(means, user, password);
  if (found === undefined) throw wrong();
  guesses.right(account, origin);
  return admit(means, knock, found);
}

const wrong = (): KontenaError => new KontenaError('KON_SIGN_IN_REFUSED', 'the name or the password is not right');

/** Who it is whose password that is: a user of the master's own, or else one of the directory. */
async function identify(means: Means, user: string, password: string): Promise<(Identity & { readonly provider: Provider }) | undefined> {
  const known = means.store.view(FIRST_GRID).get('User', user)?.body;
  const directory = known === undefined || known.provider === 'ldap' ? await directoryOf(means) : undefined;
  if (directory !== undefined) {
    const found = await directory.verify(user, password);
    return found === undefined ? undefined : { ...found, provider: 'ldap' };
  }
  // of whom there is not, too: so that it takes as long
  const isRight = await means.passwords.isRight(password, known?.provider === 'password' ? readOwn(means, passwordOf(user)) : undefined);
  return isRight && known !== undefined ? { user, groups: [], provider: 'password' } : undefined;
}

async function begin(means: Means, { redirect, ...knock }: Knock & { readonly redirect?: string }): Promise<SignInBegun> {
  const { flows } = means;
  const provider = await oidcOf(means);
  if (redirect === undefined) {
    const { url, code, wait } = await provider.beginDevice();
    const stop = new AbortController();
    const outcome = wait(stop.signal);
    outcome.catch(() => undefined); // told to whoever asks for it
    return { id: flows.add({ knock, outcome, giveUp: () => stop.abort() }), url, code };
  }
  if (!/^http:\/\/127\.0\.0\.1:\d{1,5}\/[\w-]*$/.test(redirect)) throw new KontenaError('KON_INVALID', 'a browser is sent back to the machine that it runs on: http://127.0.0.1:PORT/…');
  const { url, check } = await provider.begin(redirect);
  return { id: flows.add({ knock, check, giveUp: () => undefined }), url };
}

async function complete(means: Means, id: string, answer: string | undefined): Promise<SignedIn | undefined> {
  const { flows, clock } = means;
  const { knock, check, outcome } = flows.get(id);
  return noted(means, knock, undefined, async () => {
    if (outcome !== undefined) {
      const found = await within(clock, WAIT_MS, outcome).catch((why: unknown) => {
        flows.end(id);
        throw why;
      });
      if (found === undefined) return undefined;
      flows.end(id);
      return admit(means, knock, { ...found, provider: 'oidc' });
    }
    flows.end(id); // an answer counts once, whatever it is
    if (check === undefined || answer === undefined || !URL.canParse(answer)) throw new KontenaError('KON_SIGN_IN_REFUSED', 'the browser brought no answer back');
    return admit(means, knock, { ...(await (await oidcOf(means)).complete(check, answer)), provider: 'oidc' });
  });
}

/** A session for somebody whom a provider vouches for: a user who is known, or becomes so now. @throws KontenaError KON_SIGN_IN_REFUSED */
function admit(means: Means, { key, from }: Knock, { user, groups, renewal, provider }: Identity & { readonly provider: Provider }): Promise<SignedIn> {
  if (!isUserName(user)) throw new KontenaError('KON_SIGN_IN_REFUSED', 'the provider gives you a name that no user can have: letters, digits, -, _, ., + and @, at most 128 of them, are wanted');
  const isNew = means.store.view(FIRST_GRID).get('User', user) === undefined;
  if (isNew && memberships(means.store, user).length > 0) throw new KontenaError('KON_SIGN_IN_REFUSED', `somebody else called ${user} had roles here: they have to be taken back first, with \`kontenactl member remove ${user}\``);
  return beginSession(means, {
    user, groups: groups.filter(isGroupName).slice(0, MOST_GROUPS), renewal, key, from,
    besides: (view) => {
      const known = view.get('User', user)?.body;
      if (known === undefined) {
        requireFree(view, user);
        return [put('User', user, { provider, isDisabled: false }, 'signed in for the first time')];
      }
      if (known.provider !== provider) throw new KontenaError('KON_SIGN_IN_REFUSED', `user ${user} is of ${known.provider}, and no other provider vouches for them`);
      if (known.isDisabled) throw wrong();
      return [];
    },
  });
}

/** Writes down who has signed in, or was refused. A name that is nobody's is not told: it may be a password, typed too early. */
async function noted<T extends SignedIn | undefined>(means: Means, { from }: Knock, user: string | undefined, work: () => Promise<T>): Promise<T> {
  const { store, notebook } = means;
  const name = user === undefined || store.view(FIRST_GRID).get('User', user) === undefined ? {} : { name: user };
  notebook.requireRoom();
  try {
    const made = await work();
    if (made !== undefined) await notebook.note({ who: made.user, from, action: ACTION, name: made.user, outcome: 'done' });
    return made;
  } catch (why) {
    notebook.refused({ who: STRANGERS, from, action: ACTION, ...name, ...failureOf(why) });
    throw why;
  }
}
