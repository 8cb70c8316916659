import type Database from 'better-sqlite3';
import type { Revision } from '../model/index.js';
import type { ChainState } from '../ports/index.js';
import { bodyHash, chained, GENESIS } from './chain.js';
import type { Row } from './history.js';

type Record = Pick<Row, 'grid' | 'kind' | 'name'>;

/** The last row of a record. */
interface Last {
  readonly revision: Revision;
  readonly isDrop: boolean;
}

const keyOf = ({ grid, kind, name }: Record): string => `${grid}/${kind}/${name}`;

/**
 * Recomputes the chain, each body's hash, and all that is derived from the history: where a row's record was before, and
 * which rows are the last of their record. That counts because a start trusts it: a head bent by hand would bring back an
 * old record, and cutting off the end of the history leaves heads behind.
 */
export function verify(db: Database.Database): ChainState {
  const lasts = new Map<string, Last>();
  let hash = GENESIS;
  let revision = 0;
  for (const row of db.prepare<[], Row>('SELECT * FROM history ORDER BY revision').iterate()) {
    const key = keyOf(row);
    const isSound = row.revision === revision + 1 && row.previous === (lasts.get(key)?.revision ?? null) && follows(row, hash);
    if (!isSound) return { entries: revision, revision, brokenAt: row.revision };
    ({ hash, revision } = row);
    lasts.set(key, { revision, isDrop: row.body_hash === null });
  }
  const brokenAt = wrongLast(db, lasts);
  return { entries: revision, revision, ...(brokenAt !== undefined && { brokenAt }) };
}

function follows(row: Row, before: string): boolean {
  const isBodyTrue = row.body_hash === (row.body === null ? null : bodyHash(row.body));
  return isBodyTrue && chained(before, row, row.body_hash) === row.hash;
}

/** The first revision that is told to be the last of its record and is not, or the other way round. */
function wrongLast(db: Database.Database, lasts: Map<string, Last>): Revision | undefined {
  let wrong = Infinity;
  const told = db.prepare<[], Record & { readonly revision: Revision; readonly isDrop: 0 | 1 }>(`
    SELECT grid, kind, name, revision, 0 AS isDrop FROM heads UNION ALL SELECT grid, kind, name, revision, 1 FROM dropped`);
  for (const row of told.iterate()) {
    const key = keyOf(row);
    const last = lasts.get(key);
    lasts.delete(key);
    if (last?.revision !== row.revision || last.isDrop !== (row.isDrop === 1)) wrong = Math.min(wrong, row.revision);
  }
  for (const { revision } of lasts.values()) wrong = Math.min(wrong, revision);
  return wrong === Infinity ? undefined : wrong;
}
