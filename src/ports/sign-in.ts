import type { Instant, Provider } from '../model/index.js';
import type { KeyProof } from './access.js';

/** Who is at the door, as far as that is known. */
export interface Knock {
  /** Theirs, made for the session. */
  readonly key: KeyProof;
  /** The address that they ask from, */
  readonly from: string;
  /** and whom that belongs to: of IPv6 everyone has many. */
  readonly origin: string;
}

export interface PasswordKnock extends Knock {
  readonly user: string;
  readonly password: string;
}

/** A session that was begun, for the key of whoever asked. PEM. */
export interface SignedIn {
  readonly user: string;
  readonly ca: string;
  readonly certificate: string;
  readonly endsAt: Instant;
}

/** A sign-in at a provider that was begun: where to go, what to type there, and by what the rest is asked for. */
export interface SignInBegun {
  readonly id: string;
  readonly url: string;
  readonly code?: string;
}

/** What the master's side of the link asks of the api when a person is at the door, who has no certificate yet. */
export interface SignIn {
  /** By what one may sign in here. */
  ways(): readonly Provider[];
  /** @throws KON_SIGN_IN_REFUSED, which does not say whether there is such a user; KON_SIGN_IN_DELAYED, KON_BUSY, KON_INVALID, KON_PROVIDER_UNREACHABLE */
  withPassword(knock: PasswordKnock): Promise<SignedIn>;
  /**
   * At the provider: by a browser that is sent back to an address of the same machine, or without one from any other.
   * @throws KON_NOT_FOUND where there is none, KON_INVALID, KON_BUSY, KON_PROVIDER_UNREACHABLE
   */
  begin(knock: Knock & { readonly redirect?: string }): Promise<SignInBegun>;
  /**
   * What came of it; undefined while nothing has. Whatever comes, it is once.
   * @param answer the address that the browser was sent back to
   * @throws KON_SIGN_IN_REFUSED, KON_PROVIDER_UNREACHABLE
   */
  complete(id: string, answer: string | undefined): Promise<SignedIn | undefined>;
}
