import type { Revision } from '../../model/index.js';
import { type Actions, onMaster, onNamed } from './actions.js';

interface Passworded {
  readonly name: string;
  readonly password: string;
}

/** People whom the master knows; those of a provider become known when they first sign in. */
export interface UserCalls {
  /** One with a password of this master's. @throws KON_INVALID, KON_CONFLICT, KON_FORBIDDEN for a name that has more roles than the caller */
  add(user: Passworded): Promise<{ readonly revision: Revision }>;
  /** Another password; all sessions end. @throws KON_NOT_FOUND, KON_INVALID, KON_FORBIDDEN */
  setPassword(user: Passworded): Promise<{ readonly revision: Revision }>;
  /** The caller's own; all other sessions end. @throws KON_INVALID, KON_SIGN_IN_REFUSED, KON_SIGN_IN_DELAYED */
  changeOwnPassword(change: { readonly before: string; readonly password: string }): Promise<{ readonly revision: Revision }>;
  /** A disabled user signs in no more, and what is open is cut. @throws KON_NOT_FOUND, KON_FORBIDDEN for one who may do more */
  disable(change: { readonly name: string; readonly isDisabled: boolean }): Promise<{ readonly revision: Revision }>;
}

export const USER_ACTIONS: Actions<UserCalls> = {
  add: { action: 'user.add', isChange: true, on: onNamed },
  setPassword: { action: 'user.set-password', isChange: true, on: onNamed },
  changeOwnPassword: { action: 'user.change-own-password', isChange: true, on: onMaster },
  disable: { action: 'user.disable', isChange: true, on: onNamed, detail: ({ isDisabled }) => (isDisabled ? undefined : 'enabled again') },
};
