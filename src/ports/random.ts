/** Chance. */
export interface Random {
  /** A number from 0 (included) to 1 (excluded), of any quality: for jitter. */
  fraction(): number;
  /** Unguessable text of `bytes` random bytes, in base64url: for tokens and ids. */
  secret(bytes: number): string;
}
