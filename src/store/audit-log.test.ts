import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { verifyAudit } from '../audit/index.js';
import { type AuditFact, messageOf } from '../model/index.js';
import type { AuditLog } from '../ports/index.js';
import { FakeClock } from '../testing/fake-clock.js';
import { testAudit, testSeal } from '../testing/test-audit.js';
import { openAudit } from './open-audit.js';
import type { WriteLog } from './write-log.js';

let directory: string;
let file: string;
let clock: FakeClock;
const seal = testSeal();
const onFatal = jest.fn();
const open = (): AuditLog => openAudit(file, { cluster: 'c1', seal, clock, onFatal });
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kontena-audit-'));
  file = join(directory, 'audit.sqlite');
  clock = new FakeClock(1_000_000);
  onFatal.mockReset();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const fact = (over: Partial<AuditFact> = {}): AuditFact => ({ who: 'ada', action: 'stack.apply', grid: 'default', name: 'todo', outcome: 'done', ...over });

async function* text(log: AuditLog): AsyncGenerator<string> {
  for (const lines of log.exported()) yield await Promise.resolve(lines);
}

test('What was noted is there after a start, in its order, and goes on from there', async () => {
  const first = open();
  await Promise.all([first.note(fact()), first.note(fact({ who: 'bob' }))]);
  first.close();
  const second = open();
  await second.note(fact({ who: 'eve' }));
  expect(second.page(0, {})).toMatchObject({ through: 3, entries: [{ number: 1, who: 'ada', at: 1_000_000 }, { number: 2, who: 'bob' }, { number: 3, who: 'eve' }] });
  expect(await verifyAudit(text(second))).toMatchObject({ entries: 3, cluster: 'c1' });
  second.close();
});

test('Filters and moments find what fits', async () => {
  const log = testAudit(clock);
  await log.note(fact());
  clock.advance(1000);
  await log.note(fact({ who: 'bob', action: 'secret.read' }));
  await log.note(fact({ action: 'secret.write', grid: 'shop' }));
  const found = (filter: Parameters<AuditLog['page']>[1]): readonly number[] => log.page(0, filter).entries.map(({ number }) => number);
  expect(found({ who: 'bob' })).toEqual([2]);
  expect(found({ action: 'secret.*' })).toEqual([2, 3]);
  expect(found({ action: 'secret.*', grid: 'shop' })).toEqual([3]);
  expect([1_000_000, 1_000_500, 2_000_000].map((moment) => log.lastBefore(moment))).toEqual([0, 1, 3]);
  log.close();
});

describe('SQLite itself refuses', () => {
  test.each([
    'UPDATE entries SET hash = 0', 'DELETE FROM entries', 'UPDATE signatures SET number = 9', 'DELETE FROM signatures',
  ])('%s', async (sql) => {
    const log = open();
    await log.note(fact());
    log.close();
    const db = new Database(file);
    expect(() => db.exec(sql)).toThrow(/never/);
    db.close();
  });
});

test('Whoever bends the file is found out', async () => {
  const log = open();
  for (let count = 0; count < 3; count += 1) await log.note(fact());
  log.close();
  const db = new Database(file);
  db.exec('DROP TRIGGER entries_are_as_written; UPDATE entries SET entry = replace(entry, \'ada\', \'eve\') WHERE number = 2');
  db.close();
  const bent = open();
  await expect(verifyAudit(text(bent))).rejects.toMatchObject({ code: 'KON_AUDIT_BROKEN', message: expect.stringContaining('entry 2 was changed') });
  bent.close();
});

test('What cannot be written is refused, kept, and written when there is room again; meanwhile nothing is begun', async () => {
  const log = open();
  await log.note(fact());
  const other = new Database(file);
  other.exec('BEGIN IMMEDIATE');
  const refused = log.note(fact({ who: 'bob' }));
  await expect(refused).rejects.toMatchObject({ code: 'KON_STORE_IN_USE' });
  expect(() => log.requireRoom()).toThrow(expect.objectContaining({ code: 'KON_STORE_IN_USE' }));
  other.exec('ROLLBACK');
  other.close();
  expect(() => log.requireRoom()).not.toThrow();
  expect(log.page(0, {}).entries.map(({ who }) => who)).toEqual(['ada', 'bob']);
  expect(await verifyAudit(text(log))).toMatchObject({ entries: 2 });
  expect(onFatal).not.toHaveBeenCalled();
  log.close();
});

describe('What is noted is answered', () => {
  /** A disk that is done when the test says so. */
  function slowDisk(): WriteLog & { readonly asked: ((error?: Error) => void)[] } {
    const asked: ((error?: Error) => void)[] = [];
    return { asked, sync: (done) => void asked.push(done), syncNow: () => undefined, close: () => undefined };
  }
  const answersOf = (log: AuditLog, answered: string[]) => (who: string): void => {
    log.note(fact({ who })).then(() => answered.push(who), (error: unknown) => answered.push(`${who}: ${messageOf(error)}`));
  };

  test('when it is on disk, and not before; what comes meanwhile waits for the next time', async () => {
    const disk = slowDisk();
    const log = openAudit(file, { cluster: 'c1', seal, clock, onFatal }, () => disk);
    const answered: string[] = [];
    const note = answersOf(log, answered);
    note('ada');
    await clock.run(0);
    note('bob');
    note('eve');
    await clock.run(0);
    expect([answered, disk.asked.length]).toEqual([[], 1]);
    disk.asked[0]?.();
    await clock.run(0);
    expect([answered, disk.asked.length]).toEqual([['ada'], 2]);
    disk.asked[1]?.();
    await clock.run(0);
    expect(answered).toEqual(['ada', 'bob', 'eve']);
    log.close();
  });

  test('and on disk before somebody reads it', async () => {
    const disk = slowDisk();
    const syncNow = jest.spyOn(disk, 'syncNow');
    const log = openAudit(file, { cluster: 'c1', seal, clock, onFatal }, () => disk);
    log.page(0, {});
    expect(syncNow).not.toHaveBeenCalled();
    answersOf(log, [])('ada');
    expect(log.page(0, {}).entries).toHaveLength(1);
    expect(syncNow).toHaveBeenCalledTimes(1);
    log.close();
  });

  test('with an error when the disk fails, which ends the master', async () => {
    const disk = slowDisk();
    const log = openAudit(file, { cluster: 'c1', seal, clock, onFatal }, () => disk);
    const answered: string[] = [];
    answersOf(log, answered)('ada');
    await clock.run(0);
    disk.asked[0]?.(new Error('I/O error'));
    await clock.run(0);
    expect(answered).toEqual(['ada: the audit log did not reach the disk']);
    expect(onFatal).toHaveBeenCalledTimes(1);
    log.close();
  });
});

test('It is signed after many entries, after a while, and at its end', async () => {
  const log = open();
  const signatures = (): readonly unknown[] => {
    const db = new Database(file);
    const rows = db.prepare('SELECT number FROM signatures ORDER BY number').pluck().all();
    db.close();
    return rows;
  };
  await log.note(fact());
  await log.note(fact());
  expect(signatures()).toEqual([1]);
  clock.advance(60_000);
  await log.note(fact());
  expect(signatures()).toEqual([1, 3]);
  await Promise.all(Array.from({ length: 1000 }, () => log.note(fact())));
  expect(signatures()).toEqual([1, 3, 1003]);
  await log.note(fact());
  log.close();
  expect(signatures()).toEqual([1, 3, 1003, 1004]);
});
