import type { Challenge, Proof } from '../model/index.js';

/** An account with an authority: whoever has the key has the account. */
export interface AuthorityAccount {
  /** The address of the authority's directory. */
  readonly directory: string;
  /** PEM. */
  readonly key: string;
  readonly email?: string;
  /** The account elsewhere that it is bound to: the id of its key, and the key in base64url. */
  readonly binding?: { readonly keyId: string; readonly key: string };
}

/** How an order stands: `pending` until its names are proved, `ready` until it is finished, `valid` once the certificate is there. */
export interface OrderStanding {
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  /** What is still to be shown. */
  readonly proofs: readonly Proof[];
  /** Of an invalid order: the authority's own words. */
  readonly reason?: string;
}

/** The cause of what an authority refuses: its problem document (RFC 7807), and its header Retry-After, as it came. */
export interface AuthorityProblem {
  readonly type: string;
  readonly detail: string;
  readonly retryAfter?: string;
}

/**
 * A certificate authority that speaks ACME (RFC 8555), to one account. Throws KontenaError KON_AUTHORITY_UNREACHABLE,
 * KON_AUTHORITY_BUSY or KON_AUTHORITY_REFUSED, the last two with an {@link AuthorityProblem} as cause.
 */
export interface CertificateAuthority {
  /** Places an order; its address. */
  place(names: readonly string[]): Promise<string>;
  look(order: string, challenge: Challenge): Promise<OrderStanding>;
  /** The authority may look at what is shown. */
  show(proof: Proof): Promise<void>;
  /** Asks for the certificate of a key, PEM. */
  finish(order: string, request: { readonly names: readonly string[]; readonly privateKey: string }): Promise<void>;
  /** The certificate and its chain, PEM, of an order that is valid. */
  fetch(order: string): Promise<string>;
}

/** Finds the account, or makes it. */
export type OpenAuthority = (account: AuthorityAccount) => Promise<CertificateAuthority>;

/** What ordering certificates asks of the vault. */
export interface CertificateVault {
  /** The key of that name, PEM; where there is none it is made, and sealed before it is told. */
  privateKey(grid: string, name: string): Promise<string>;
  /** Forgets the keys whose name begins so, but for one. */
  forgetKeys(grid: string, prefix: string, except?: string): Promise<void>;
  /** Keeps what an authority issued, certificate and chain, unless nobody wants it any more. */
  keep(grid: string, subject: string, issued: { readonly text: string; readonly privateKey: string }): Promise<void>;
  /** @throws KontenaError KON_NOT_FOUND */
  secret(grid: string, name: string): Promise<string>;
}

/** Whether the world sees what is to be shown, as far as can be told from here. */
export interface ProofShower {
  /** Brings it about, where somebody other than nodes and people does; what is so already changes nothing. */
  show(proof: Proof): Promise<void>;
  /** `unknown`: it cannot be told from here. */
  isSeen(proof: Proof): Promise<boolean | 'unknown'>;
  /** It may be gone. */
  hide(proof: Proof): Promise<void>;
}
