import type { Instant } from '../../model/index.js';
import type { Actions } from './actions.js';

/** A client's credential, all PEM. */
export interface NewCredential {
  readonly name: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly endsAt: Instant;
}

export interface CredentialCalls {
  /** A credential for a person or a program, shown once. @throws KON_INVALID, KON_CONFLICT when there is one of that name */
  create(name: string, lifetimeSeconds: number): Promise<NewCredential>;
  /** The caller's own, with a new key and for as long again; the one it was asked with is good until the new one was used. */
  renew(): Promise<NewCredential>;
}

export const CREDENTIAL_ACTIONS: Actions<CredentialCalls> = {
  create: { action: 'credential.create', isChange: true },
  renew: { action: 'credential.renew', isChange: true },
};
