import { hash } from 'node:crypto';

/** What the hash of an entry covers. */
export interface Link {
  readonly revision: number;
  readonly at: number;
  readonly writer: string;
  readonly actor: string;
  readonly reason: string;
  readonly kind: string;
  readonly grid: string;
  readonly name: string;
}

/** What comes before the first entry. */
export const GENESIS = '0'.repeat(64);

/** SHA-256 of a body's JSON, in hex. */
export const bodyHash = (json: string): string => hash('sha256', json, 'hex');

/**
 * H(previous hash, revision, time, writer, actor, reason, kind, name, H(body)): SHA-256 of these as one JSON array, hashes
 * in hex, the name with its grid before it, and an empty H(body) for a drop. JSON keeps the fields apart, and `H(body)`
 * in place of the body lets the chain outlive a body that is no longer kept.
 */
export function chained(previous: string, link: Link, body: string | null): string {
  const { revision, at, writer, actor, reason, kind, grid, name } = link;
  return hash('sha256', JSON.stringify([previous, revision, at, writer, actor, reason, kind, `${grid}/${name}`, body ?? '']), 'hex');
}
