import type { Instant, Millis } from '../model/index.js';

/** Who asks, as its certificate says. */
export interface Caller {
  readonly name: string;
  /** Of the certificate; absent for what is a part of the master. */
  readonly keyFingerprint?: string;
  /** The address that it asks from. */
  readonly from?: string;
  /** The token that it has shown in place of a certificate; `keyFingerprint` is then of that. */
  readonly token?: { readonly grid: string; readonly id: string };
  /** Of a person who has signed in: the name of the session, whose certificate it is. */
  readonly session?: string;
}

/** Who may use a client's certificate, as records say; asked at each call. */
export interface Access {
  /** @throws KON_UNAUTHENTICATED when it was revoked, has ended, or is not known */
  admit(name: string, keyFingerprint: string, from?: string): Caller;
  /** The same of a program's token, `<id>.<secret>`. @throws KON_TOKEN_INVALID */
  admitToken(token: string, from?: string): Caller;
  /** Somebody has asked for something without a client's certificate of ours. */
  turnedAway(from: string, why: string): void;
}

/** A client's key and certificate, with whom it is to trust, all PEM. */
export interface Issued {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  /** SHA-256 of the public key, in hex. */
  readonly keyFingerprint: string;
  readonly endsAt: Instant;
}

/** The public half of a key, and a signature of it by the other half, which whoever sends it has. */
export interface KeyProof {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  /** ECDSA with SHA-256, DER. */
  readonly proof: Uint8Array;
}

/** The master's own certificate authority. */
export interface Authority {
  /** SHA-256 of the certificate of the authority that signs for agents and clients from now on, in hex. */
  readonly signer: string;
  /** A second authority is trusted, and takes over when told to. */
  readonly isRotating: boolean;
  /** What the master keeps for itself, and for whoever may read its files. */
  admin(): Issued;
  /** Gives `admin` another key. */
  renewAdmin(): Promise<void>;
  /** A new key for a person or a program, certified for so long, at most to the end of the authority. */
  issue(name: string, lifetimeMs: Millis): Promise<Issued>;
  /** A certificate of a server for a key, PEM: it is made out to these names, and opens nothing here. */
  certifyServer(names: readonly string[], privateKey: string): Promise<string>;
  /** A certificate for a key that somebody else has made. @throws KON_INVALID for another than P-256, or without proof */
  certify(key: KeyProof, name: string, lifetimeMs: Millis): Promise<Omit<Issued, 'key'>>;
  /** Makes the second authority, which signs for agents and clients from now on; the first is trusted still. */
  rotate(): Promise<void>;
  /** Trusts the second alone. */
  finish(): Promise<void>;
}
