import type { Revision, RoleSpec } from '../../model/index.js';
import { type Actions, onNamed } from './actions.js';

export interface RoleRequest extends RoleSpec {
  readonly name: string;
}

export interface RoleCalls {
  /** A role of one's own, or another meaning for it. @throws KON_INVALID for a name that is taken, or actions that there are not */
  create(request: RoleRequest): Promise<{ readonly revision: Revision }>;
}

export const ROLE_ACTIONS: Actions<RoleCalls> = {
  create: { action: 'role.create', isChange: true, on: onNamed, detail: ({ allow }) => `may ${allow.join(', ')}` },
};
