import type Database from 'better-sqlite3';
import type { Revision } from '../model/index.js';
import type { ChainState } from '../ports/index.js';
import { bodyHash, chained, GENESIS } from './chain.js';
import { keptFromIn } from './compaction.js';
import type { Row } from './history.js';
import { succession } from './leaps.js';

type Record = Pick<Row, 'grid' | 'kind' | 'name'>;

/** The last row of a record. */
interface Last {
  readonly revision: Revision;
  readonly isDrop: boolean;
  /** It has a body, and that is no longer kept. */
  readonly isCompacted: boolean;
}

const keyOf = ({ grid, kind, name }: Record): string => `${grid}/${kind}/${name}`;

/**
 * Recomputes the chain, in which no number is left out but by a restore, the hash of each body that is to be there, and all
 * that is derived from the history: where a row's record was before, and which rows are the last of their record. That counts
 * because a start trusts it: a head bent by hand would bring back an old record, and cutting off the end of the history leaves
 * heads behind.
 */
export function verify(db: Database.Database): ChainState {
  const lasts = new Map<string, Last>();
  let hash = GENESIS;
  let revision = 0;
  let entries = 0;
  let missing: Revision | undefined;
  const keptFrom = keptFromIn(db);
  const nextTo = succession(db);
  for (const row of db.prepare<[], Row>('SELECT history.*, body FROM history LEFT JOIN bodies USING (revision) ORDER BY revision').iterate()) {
    const key = keyOf(row);
    const before = lasts.get(key);
    if (row.revision !== nextTo(revision) || row.previous !== (before?.revision ?? null) || !follows(row, hash)) return { entries, revision, brokenAt: row.revision };
    if (isMissing(before, row, keptFrom)) missing ??= row.previous ?? undefined;
    ({ hash, revision } = row);
    entries += 1;
    lasts.set(key, lastOf(row));
  }
  const brokenAt = wrongLast(db, lasts) ?? missing;
  return { entries, revision, ...(brokenAt !== undefined && { brokenAt }) };
}

const lastOf = ({ revision, body, body_hash }: Row): Last => ({ revision, isDrop: body_hash === null, isCompacted: body === null && body_hash !== null });

/** The body of a row is gone that compaction would have kept. */
const isMissing = (row: Last | undefined, replacedBy: Row, keptFrom: Revision): boolean => row?.isCompacted === true && (replacedBy.writer === 'api' || replacedBy.revision > keptFrom);

function follows(row: Row, before: string): boolean {
  const isBodyTrue = row.body === null || row.body_hash === bodyHash(row.body);
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
    if (last?.revision !== row.revision || last.isDrop !== (row.isDrop === 1) || last.isCompacted) wrong = Math.min(wrong, row.revision);
  }
  for (const { revision } of lasts.values()) wrong = Math.min(wrong, revision);
  return wrong === Infinity ? undefined : wrong;
}
