import type Database from 'better-sqlite3';
import type { Revision } from '../model/index.js';
import type { ChainState } from '../ports/index.js';
import { bodyHash, chained, GENESIS, type Link } from './chain.js';

interface Row extends Link {
  readonly body: string | null;
  readonly body_hash: Buffer | null;
  readonly hash: Buffer;
}

interface Head {
  readonly grid: string;
  readonly kind: string;
  readonly name: string;
  readonly revision: Revision;
}

const keyOf = ({ grid, kind, name }: Omit<Head, 'revision'>): string => JSON.stringify([grid, kind, name]);

/**
 * Recomputes the chain, each body's hash, and which entries should be the heads. The heads count because a start trusts them:
 * a row of theirs that was bent by hand would bring back an old record, and cutting off the end of the history leaves them behind.
 */
export function verify(db: Database.Database): ChainState {
  const newest = new Map<string, Revision>();
  let previous = GENESIS;
  let revision = 0;
  for (const row of db.prepare<[], Row>('SELECT * FROM history ORDER BY revision').iterate()) {
    if (!follows(row, previous, revision)) return { entries: revision, revision, brokenAt: row.revision };
    previous = row.hash;
    revision = row.revision;
    if (row.body_hash === null) newest.delete(keyOf(row));
    else newest.set(keyOf(row), revision);
  }
  const brokenAt = wrongHead(db, newest);
  return { entries: revision, revision, ...(brokenAt !== undefined && { brokenAt }) };
}

function follows(row: Row, previous: Buffer, revision: Revision): boolean {
  const body = row.body_hash ?? undefined;
  const isBodyTrue = row.body === null ? body === undefined : body?.equals(bodyHash(row.body) as Buffer) === true;
  return row.revision === revision + 1 && isBodyTrue && chained(previous, row, body).equals(row.hash);
}

/** The first revision that is among the heads and should not be, or the other way round. */
function wrongHead(db: Database.Database, newest: Map<string, Revision>): Revision | undefined {
  let wrong = Infinity;
  for (const head of db.prepare<[], Head>('SELECT grid, kind, name, revision FROM heads').iterate()) {
    const key = keyOf(head);
    if (newest.get(key) !== head.revision) wrong = Math.min(wrong, head.revision);
    newest.delete(key);
  }
  for (const missing of newest.values()) wrong = Math.min(wrong, missing);
  return wrong === Infinity ? undefined : wrong;
}
