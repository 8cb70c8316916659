import type { Instant } from '../model/index.js';
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

/** What the master's side of the link asks of the api when a person is at the door, who has no certificate yet. */
export interface SignIn {
  /** @throws KON_SIGN_IN_REFUSED, which does not say whether there is such a user; KON_SIGN_IN_DELAYED, KON_BUSY, KON_INVALID */
  withPassword(knock: PasswordKnock): Promise<SignedIn>;
}
