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
export const GENESIS: Buffer = Buffer.alloc(32);

/** SHA-256 of a body's JSON; undefined for a drop, which has none. */
export const bodyHash = (json: string | undefined): Buffer | undefined => (json === undefined ? undefined : hash('sha256', json, 'buffer'));

/**
 * H(previous hash, revision, time, writer, actor, reason, kind, name, H(body)): SHA-256 of these as one JSON array, hashes
 * in hex, the name with its grid before it, and an empty H(body) for a drop. JSON keeps the fields apart, and `H(body)`
 * in place of the body lets the chain outlive a body that is no longer kept.
 */
export function chained(previous: Buffer, link: Link, body: Buffer | undefined): Buffer {
  const { revision, at, writer, actor, reason, kind, grid, name } = link;
  const fields = [previous.toString('hex'), revision, at, writer, actor, reason, kind, `${grid}/${name}`, body?.toString('hex') ?? ''];
  return hash('sha256', JSON.stringify(fields), 'buffer');
}
