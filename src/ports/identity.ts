import type { LdapBody, OidcBody } from '../model/index.js';

/** Somebody, as a provider knows them. */
export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
  /** What the provider is asked with whether it still says so; a secret. */
  readonly renewal?: string;
}

/** What of a sign-in at a provider is kept until its answer comes. */
export interface OidcCheck {
  readonly redirect: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** A provider of OpenID Connect, whose description was read. */
export interface OidcProvider {
  /** Where a browser is to go, and what its answer is checked against. */
  begin(redirect: string): Promise<{ readonly url: string; readonly check: OidcCheck }>;
  /** @param answer the address that the browser was sent back to @throws KON_SIGN_IN_REFUSED, KON_PROVIDER_UNREACHABLE */
  complete(check: OidcCheck, answer: string): Promise<Identity>;
  /** For where there is no browser: what to type where, and who it was in the end. @throws KON_PROVIDER_REFUSED where it cannot */
  beginDevice(): Promise<{ readonly url: string; readonly code: string; readonly wait: (signal: AbortSignal) => Promise<Identity> }>;
  /** @throws KON_SIGN_IN_REFUSED when it says so no more, KON_PROVIDER_UNREACHABLE */
  confirm(renewal: string): Promise<Identity>;
}

/** A directory. */
export interface LdapProvider {
  /** Looks whether it can be searched as set. @throws KON_PROVIDER_REFUSED, KON_PROVIDER_UNREACHABLE */
  test(): Promise<void>;
  /** Undefined where it is not that person's password, or there is none. @throws as `test` */
  verify(user: string, password: string): Promise<Identity | undefined>;
  /** Undefined where there is no such person any more. @throws as `test` */
  find(user: string): Promise<Identity | undefined>;
}

export interface Providers {
  /** Reads what the provider says of itself. @throws KON_PROVIDER_REFUSED, KON_PROVIDER_UNREACHABLE */
  oidc(settings: OidcBody, secret: string | undefined): Promise<OidcProvider>;
  ldap(settings: LdapBody, secret: string | undefined): Promise<LdapProvider>;
}
