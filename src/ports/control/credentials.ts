import type { Instant } from '../../model/index.js';
import { type Actions, onMaster, onNamed } from './actions.js';
import type { Membership } from './members.js';

/** A client's credential, all PEM. */
export interface NewCredential {
  readonly name: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly endsAt: Instant;
}

export interface CredentialRequest extends Membership {
  readonly lifetimeSeconds: number;
  readonly grid: string;
}

export interface CredentialCalls {
  /**
   * A credential for a person or a program, with a role in a grid or on the master, shown once.
   * @throws KON_INVALID, KON_CONFLICT when there is one of that name, KON_NOT_FOUND, KON_FORBIDDEN as `members.add`
   */
  create(request: CredentialRequest): Promise<NewCredential>;
  /** The caller's own, with a new key and for as long again; the one it was asked with is good until the new one was used. */
  renew(): Promise<NewCredential>;
}

export const CREDENTIAL_ACTIONS: Actions<CredentialCalls> = {
  create: { action: 'credential.create', isChange: true, on: onNamed, detail: ({ role, grid }) => `role ${role}, grid ${grid}` },
  renew: { action: 'credential.renew', isChange: true, on: onMaster },
};
