import { KontenaError } from '../../model/index.js';
import type { Knock, PasswordKnock, SignedIn, SignIn } from '../../ports/index.js';
import { FIRST_GRID } from '../first-grid.js';
import { failureOf, type Notebook, STRANGERS } from '../notebook.js';
import { passwordOf, readOwn } from './own-secrets.js';
import { beginSession, type SessionMeans } from './sessions.js';
import type { UserMeans } from './users.js';

interface Means extends UserMeans, SessionMeans {
  readonly notebook: Notebook;
}

const ACTION = 'session.begin';

/** The api's answers to people who knock. */
export const createSignIn = (means: Means): SignIn => ({
  withPassword: (knock) => noted(means, knock, knock.user, () => withPassword(means, knock)),
});

async function withPassword(means: Means, { user, password, from, origin, key }: PasswordKnock): Promise<SignedIn> {
  const { store, guesses, passwords } = means;
  guesses.begin(user, origin);
  const known = store.view(FIRST_GRID).get('User', user)?.body;
  // of whom there is not, too: so that it takes as long
  const isRight = await passwords.isRight(password, known?.provider === 'password' ? readOwn(means, passwordOf(user)) : undefined);
  if (!isRight || known === undefined || known.isDisabled) throw new KontenaError('KON_SIGN_IN_REFUSED', 'the name or the password is not right');
  guesses.right(user, origin);
  return beginSession(means, { user, groups: [], key, from, besides: () => [] });
}

/** Writes down who has signed in, or was refused. A name that is nobody's is not told: it may be a password, typed too early. */
async function noted(means: Means, { from }: Knock, user: string, work: () => Promise<SignedIn>): Promise<SignedIn> {
  const { store, notebook } = means;
  const who = store.view(FIRST_GRID).get('User', user) === undefined ? STRANGERS : user;
  notebook.requireRoom();
  try {
    const made = await work();
    await notebook.note({ who: made.user, from, action: ACTION, name: made.user, outcome: 'done' });
    return made;
  } catch (why) {
    notebook.refused({ who: STRANGERS, from, action: ACTION, ...(who === STRANGERS ? {} : { name: who }), ...failureOf(why) });
    throw why;
  }
}
