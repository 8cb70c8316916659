/** How a call ended: `begun` is said of what lasts, before anything of it is given. */
export const OUTCOMES = ['begun', 'done', 'refused', 'failed'] as const;

/** One thing that somebody did, or was refused. Values of secrets are never in it. */
export interface AuditFact {
  readonly who: string;
  /** SHA-256 of the key of the credential, in hex; absent for parts of the master, and for who has shown none that counts. */
  readonly credential?: string;
  /** The address that it came from. */
  readonly from?: string;
  /** `stack.apply`. */
  readonly action: string;
  /** Absent for what concerns the master, and so all of its grids. */
  readonly grid?: string;
  /** What it was done to. */
  readonly name?: string;
  /** What of it is worth knowing: `role developer`. */
  readonly detail?: string;
  readonly outcome: (typeof OUTCOMES)[number];
  readonly reason?: string;
  /** So many more of its kind that are not told one by one. */
  readonly count?: number;
}

/** A fact in its place. */
export interface AuditEntry extends AuditFact {
  /** From 1, without a gap. */
  readonly number: number;
  /** Milliseconds since the Unix epoch; never less than in the entry before. */
  readonly at: number;
}

/** What a signature is of: the log as it was, up to this entry. */
export interface AuditHead {
  readonly cluster: string;
  readonly number: number;
  readonly hash: string;
  /** When it was signed. */
  readonly at: number;
}

/** First line of an exported log. */
export interface AuditTitle {
  readonly audit: 1;
  readonly cluster: string;
  /** PEM. */
  readonly publicKey: string;
}

/** A further line: an entry with the hash of all up to it, or a signature of all before it. */
export type AuditLine = { readonly entry: AuditEntry; readonly hash: string } | { readonly number: number; readonly at: number; readonly signature: string };
