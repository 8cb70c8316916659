/** Makes a store of today's format one as older masters wrote it: without leaps, before format 3 with bodies in their rows, and in format 1 without a vault. */
export function asOlder(db: { exec(sql: string): unknown }, format: 1 | 2 | 3): void {
  db.exec(`DROP TABLE leaps; PRAGMA user_version = ${format};`);
  if (format === 3) return;
  db.exec(`
    DROP TRIGGER history_keeps_its_past; DROP TRIGGER history_keeps_its_rows;
    ALTER TABLE history RENAME TO newer;
    CREATE TABLE history (
      revision INTEGER PRIMARY KEY, at INTEGER NOT NULL, writer TEXT NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL, kind TEXT NOT NULL,
      grid TEXT NOT NULL, name TEXT NOT NULL, body TEXT, body_hash TEXT, previous INTEGER, hash TEXT NOT NULL
    ) STRICT;
    INSERT INTO history SELECT revision, at, writer, actor, reason, kind, grid, name, body, body_hash, previous, hash FROM newer LEFT JOIN bodies USING (revision);
    DROP TABLE bodies; DROP TABLE newer;
    CREATE TRIGGER history_keeps_its_past BEFORE UPDATE ON history BEGIN SELECT RAISE(ABORT, 'never changed'); END;
    CREATE TRIGGER history_keeps_its_rows BEFORE DELETE ON history BEGIN SELECT RAISE(ABORT, 'never removed'); END;
    ALTER TABLE meta DROP COLUMN kept_from;
    ${format === 1 ? 'DROP TABLE sealed;' : ''}
    PRAGMA journal_mode = DELETE;
    PRAGMA auto_vacuum = NONE;
    VACUUM;`);
}
