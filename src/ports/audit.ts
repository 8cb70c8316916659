import type { AuditEntry, AuditFact, AuditHead } from '../model/index.js';

/** How entries of the audit log are chained and signed. */
export interface AuditSeal {
  /** The hash before the first entry. */
  readonly genesis: string;
  /** What checks its signatures, PEM. */
  readonly publicKey: string;
  /** The hash of an entry, given as its JSON, and of all before it. */
  chained(previous: string, entry: string): string;
  /** Base64. */
  sign(head: AuditHead): string;
}

/** Which entries are asked for; absent means all. */
export interface AuditFilter {
  readonly grid?: string | undefined;
  readonly who?: string | undefined;
  /** An action, or a pattern with `*`. */
  readonly action?: string | undefined;
}

/** Who did what: appended, chained and signed, in a file of its own. */
export interface AuditLog {
  /** Number of the newest entry on disk; 0 before the first. */
  readonly last: number;
  /**
   * Resolves when it is on disk; all that is noted in one turn shares one fsync. What cannot be written now is kept, and
   * written with the next. @throws KON_STORE_FULL, KON_STORE_FAILED
   */
  note(fact: AuditFact): Promise<void>;
  /** For who is about to do what must be noted. @throws KON_STORE_FULL while there is no room for notes */
  requireRoom(): void;
  /** Number of the newest entry before this moment; 0 when there is none. */
  lastBefore(moment: number): number;
  /** Those that fit of some after an entry, oldest first, and up to which was looked. */
  page(after: number, filter: AuditFilter): { readonly entries: readonly AuditEntry[]; readonly through: number };
  /** All of it as lines of JSON, some at a time: title, entries, signatures, of which the last is of the last entry. */
  exported(): Iterable<string>;
  /** Calls `listener` when entries have come. Returns a stop function. */
  watch(listener: () => void): () => void;
  /** Writes a whole, consistent copy to a new file. */
  copyTo(file: string): Promise<void>;
  /** Writes what is under way, signs it, and closes the file. */
  close(): void;
}
