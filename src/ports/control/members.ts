import type { Revision } from '../../model/index.js';
import type { Actions } from './actions.js';

/** Whose credential has which role. */
export interface Membership {
  readonly name: string;
  readonly role: string;
}

export interface MemberCalls {
  /**
   * Gives a role: in this grid, or on the master where the role is one of its own.
   * @throws KON_NOT_FOUND for a credential or role that there is not, KON_FORBIDDEN for more than the giver may do
   */
  add(grid: string, membership: Membership): Promise<{ readonly revision: Revision }>;
  /** Takes a role back, or all that the credential has in this grid. @throws KON_NOT_FOUND, KON_FORBIDDEN as above */
  remove(grid: string, membership: { readonly name: string; readonly role?: string }): Promise<{ readonly revision: Revision }>;
}

export const MEMBER_ACTIONS: Actions<MemberCalls> = {
  add: { action: 'member.add', isChange: true, on: (grid, { name }) => ({ grid, kind: 'member', name }), detail: (_grid, { role }) => `role ${role}` },
  remove: { action: 'member.remove', isChange: true, on: (grid, { name }) => ({ grid, kind: 'member', name }), detail: (_grid, { role }) => (role === undefined ? 'every role' : `role ${role}`) },
};
