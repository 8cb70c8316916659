import { drop, isUserName, KontenaError, put, type Revision, type UserBody } from '../../model/index.js';
import type { Author, Caller, Store, UserCalls, View } from '../../ports/index.js';
import type { AuthorIn } from '../author-in.js';
import { FIRST_GRID } from '../first-grid.js';
import { notFound } from '../not-found.js';
import { memberships, requireAsMuch } from '../rights.js';
import type { VaultMeans } from '../vault.js';
import type { Guesses } from './guesses.js';
import { forgetOwn, keepOwn, passwordOf, readOwn, readyOwn, together } from './own-secrets.js';
import { type Passwords, requirePassword } from './passwords.js';
import { endAll } from './sessions.js';

export interface UserMeans extends VaultMeans {
  readonly passwords: Passwords;
  readonly guesses: Guesses;
}

/** What may be asked of people. */
export const userCalls = (means: UserMeans, author: AuthorIn, caller: Caller): UserCalls => ({
  add: (user) => addUser(means, author(FIRST_GRID), caller, user),
  setPassword: ({ name, password }) => {
    requireAll(means.store, caller, name);
    return setPassword(means, author(FIRST_GRID), { name, password, isNew: false });
  },
  changeOwnPassword: (change) => changeOwn(means, author(FIRST_GRID), caller, change),
  disable: ({ name, isDisabled }) => disable(means.store, author(FIRST_GRID), caller, { name, isDisabled }),
});

/** @throws KontenaError KON_INVALID, KON_CONFLICT, KON_FORBIDDEN */
async function addUser(means: UserMeans, author: Author, caller: Caller, { name, password }: { readonly name: string; readonly password: string }): Promise<{ readonly revision: Revision }> {
  if (!isUserName(name)) throw new KontenaError('KON_INVALID', `"${name}" cannot name a user: letters, digits, -, _, ., + and @, at most 128 of them, are wanted`);
  requireAll(means.store, caller, name);
  return setPassword(means, author, { name, password, isNew: true });
}

interface NewPassword {
  readonly name: string;
  readonly password: string;
  readonly isNew: boolean;
  /** The session that goes on. */
  readonly except?: string | undefined;
}

async function setPassword(means: UserMeans, author: Author, { name, password, isNew, except }: NewPassword): Promise<{ readonly revision: Revision }> {
  requirePassword(password);
  const ready = readyOwn(means, passwordOf(name), await means.passwords.hash(password));
  const { revision } = await means.store.update(author, (view) => {
    const kept = keepOwn(ready, view);
    if (isNew) {
      requireFree(view, name);
      return { steps: [put('User', name, { provider: 'password', isDisabled: false }, 'user added'), ...kept.steps], sealed: kept.sealed };
    }
    const { provider } = requireUser(view, name);
    if (provider !== 'password') throw new KontenaError('KON_INVALID', `user ${name} is of ${provider}: passwords are changed there`);
    return together(kept, endAll(view, name, 'the password was changed', except));
  });
  return { revision };
}

/** No user takes the name, and with it the roles, of a credential. @throws KontenaError KON_CONFLICT */
export function requireFree(view: View, name: string): void {
  if (view.get('User', name) !== undefined) throw new KontenaError('KON_CONFLICT', `there is a user ${name}`);
  if (view.get('Credential', name) !== undefined) throw new KontenaError('KON_CONFLICT', `there is a credential ${name}, and one name is one thing: choose another`);
}

async function changeOwn(means: UserMeans, author: Author, { name, session, from = '' }: Caller, { before, password }: { readonly before: string; readonly password: string }): Promise<{ readonly revision: Revision }> {
  if (session === undefined) throw new KontenaError('KON_INVALID', `${name} has not signed in, and has no password here`);
  requirePassword(password);
  means.guesses.begin(name, from);
  if (!(await means.passwords.isRight(before, readOwn(means, passwordOf(name))))) throw new KontenaError('KON_SIGN_IN_REFUSED', 'that is not the password of now');
  means.guesses.right(name, from);
  return setPassword(means, author, { name, password, isNew: false, except: session });
}

async function disable(store: Store, author: Author, caller: Caller, { name, isDisabled }: { readonly name: string; readonly isDisabled: boolean }): Promise<{ readonly revision: Revision }> {
  requireMaster(store, caller, name);
  const { revision } = await store.update(author, (view) => {
    const body = requireUser(view, name);
    if (body.isDisabled === isDisabled) return { steps: [] };
    const changed = { steps: [put('User', name, { ...body, isDisabled }, isDisabled ? 'disabled' : 'enabled')], sealed: [] };
    return isDisabled ? together(changed, endAll(view, name, 'the user was disabled')) : changed;
  });
  return { revision };
}

/** Roles that were given to the name stay, and go to nobody by themselves. @throws KontenaError KON_NOT_FOUND, KON_FORBIDDEN */
export async function removeUser(store: Store, author: Author, caller: Caller, name: string): Promise<{ readonly revision: Revision }> {
  requireMaster(store, caller, name);
  const { revision } = await store.update({ ...author, grid: FIRST_GRID }, (view) => {
    requireUser(view, name);
    return together(endAll(view, name, 'the user was removed'), { steps: [drop('User', name, 'removed')], sealed: [] }, forgetOwn(passwordOf(name), view));
  });
  return { revision };
}

function requireUser(view: View, name: string): UserBody {
  const body = view.get('User', name)?.body;
  if (body === undefined) throw notFound({ what: 'user', typed: name, known: view.list('User').map((one) => one.name) });
  return body;
}

/** Who decides what opens somebody's roles has them. @throws KontenaError KON_FORBIDDEN */
function requireAll(store: Store, caller: Caller, name: string): void {
  for (const { grid, role } of memberships(store, name)) requireAsMuch(store, caller, grid, role);
}

/** Nobody shuts out who may do more to the master. @throws KontenaError KON_FORBIDDEN */
function requireMaster(store: Store, caller: Caller, name: string): void {
  for (const { grid, role } of memberships(store, name)) if (grid === undefined) requireAsMuch(store, caller, grid, role);
}
