import type { Revision } from '../../model/index.js';
import { type Actions, onMaster } from './actions.js';

/** A value for the vault. */
export interface SecretWrite {
  readonly name: string;
  readonly value: string;
  /** What must be so already: nothing of that name, or something. Either will do when absent. */
  readonly only?: 'new' | 'known';
}

/** What writing to the vault came to. */
export interface Kept {
  readonly name: string;
  readonly version: number;
  readonly revision: Revision;
  /** False when the same value was there. */
  readonly isChanged: boolean;
  /** Services that open it, and are replaced to do so. */
  readonly usedBy: readonly string[];
}

/** A certificate with all that a server needs, as PEM. */
export interface CertificateBundle {
  readonly certificate: string;
  /** The authorities between it and a root, its own first; empty when a root issued it. */
  readonly chain: string;
  readonly privateKey: string;
}

/** A certificate that an authority is to issue, now and before each end. */
export interface CertificateRequest {
  /** The first is what it is kept under. */
  readonly names: readonly string[];
  /** `http-01` or `dns-01`; http-01 when absent, but for names with a wildcard. */
  readonly challenge?: string;
  /** `letsencrypt`, `letsencrypt-staging`, `zerossl`, or the address of another; Let's Encrypt when absent. */
  readonly directory?: string;
  readonly email?: string;
  /** The account with the authority that ours is bound to: the id of its key, and the secret that holds the key. */
  readonly binding?: { readonly keyId: string; readonly secret: string };
  /** Nodes that answer the authority of http-01; the grid's balancers when empty. */
  readonly answerOn?: readonly string[];
  /** Though there is one already. */
  readonly isRenewal?: boolean;
}

export interface Requested {
  readonly name: string;
  readonly revision: Revision;
  /** False when it was requested so already, and nothing failed. */
  readonly isChanged: boolean;
}

export interface VaultCalls {
  /** @throws KON_INVALID, KON_CONFLICT when it must be new and is not, KON_NOT_FOUND when it must be known and is not */
  writeSecret(grid: string, request: SecretWrite): Promise<Kept>;
  /** @throws KON_NOT_FOUND */
  readSecret(grid: string, name: string): Promise<string>;
  /** Under the name it is made out to, unless given. @throws KON_INVALID when its parts do not belong together */
  writeCertificate(grid: string, bundle: CertificateBundle, subject?: string): Promise<Kept>;
  /** @throws KON_NOT_FOUND */
  readCertificate(grid: string, subject: string): Promise<CertificateBundle>;
  /** Asks an authority for one, and again before each end. @throws KON_INVALID, KON_NOT_FOUND for nodes and secrets that are not there */
  requestCertificate(grid: string, request: CertificateRequest): Promise<Requested>;
  /** Has a new key seal all that is kept, in all grids. `sealed` is how many values that are. */
  rotateKey(): Promise<{ readonly sealed: number }>;
}

export const VAULT_ACTIONS: Actions<VaultCalls> = {
  writeSecret: { action: 'secret.write', isChange: true, on: (grid, { name }) => ({ grid, kind: 'secret', name }) },
  readSecret: { action: 'secret.read', isChange: false, isNoted: true, on: (grid, name) => ({ grid, kind: 'secret', name }) },
  writeCertificate: { action: 'certificate.write', isChange: true, on: (grid, _bundle, name) => ({ grid, kind: 'certificate', ...(name === undefined ? {} : { name }) }) },
  readCertificate: { action: 'certificate.read', isChange: false, isNoted: true, on: (grid, name) => ({ grid, kind: 'certificate', name }) },
  requestCertificate: { action: 'certificate.request', isChange: true, on: (grid, { names: [name] }) => ({ grid, kind: 'certificate', ...(name === undefined ? {} : { name }) }) },
  rotateKey: { action: 'vault.rotate-key', isChange: true, on: onMaster },
};
