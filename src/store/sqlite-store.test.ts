import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { type Change, drop, type Instant, put } from '../model/index.js';
import type { Store } from '../ports/index.js';
import { FakeClock, settled } from '../testing/fake-clock.js';
import { FakeRandom } from '../testing/fake-random.js';
import { storeContract } from '../testing/store-contract.js';
import { openDatabase } from './database.js';
import { openStore, raiseEpoch } from './index.js';
import { SqliteStore } from './sqlite-store.js';

const directory = mkdtempSync(join(tmpdir(), 'kontena-store-'));
let files = 0;
const newFile = (): string => join(directory, `store-${(files += 1)}.sqlite`);

const fatal: unknown[] = [];
const world = () => ({ clock: new FakeClock(1000), random: new FakeRandom(), onFatal: (error: unknown) => void fatal.push(error) });
const API = { writer: 'api', grid: 'default' } as const;

const node = (name: string, label = 'ssd'): Change =>
  put('Node', name, { number: 1, labels: [label], availability: 'active', keyFingerprint: 'f' }, `${name} joined`);
const write = (store: Store, ...steps: Change[]) => store.update(API, () => ({ steps }));
const code = (value: string) => expect.objectContaining({ code: value });
const names = (store: Store): readonly string[] => store.view('default').list('Node').map(({ name }) => name);

afterAll(() => rmSync(directory, { recursive: true, force: true }));
afterEach(() => void fatal.splice(0));

storeContract('the store in memory', (given) => openStore(':memory:', given));
storeContract('the store in a file', (given) => openStore(newFile(), given));

describe('what is sealed', () => {
  test('is overwritten on the disk when it is erased', async () => {
    const file = newFile();
    const store = openStore(file, world());
    const bytes = Buffer.from('sealed with seven seals '.repeat(8));
    await store.update(API, () => ({ steps: [node('n1')], sealed: [{ name: 'Secret/a@1', bytes }, { name: 'Secret/b@1', bytes: Buffer.from('stays') }] }));
    await store.close();
    expect(readFileSync(file).includes(bytes)).toBe(true);

    const again = openStore(file, world());
    await again.update(API, () => ({ steps: [], sealed: [{ name: 'Secret/a@1', bytes: undefined }] }));
    await again.close();
    expect(readFileSync(file).includes('seven seals')).toBe(false);
  });
});

describe('a store opened again', () => {
  test('has the same records, revisions, identity and chain', async () => {
    const file = newFile();
    const before = openStore(file, world());
    await write(before, node('n1'), node('n2'));
    await write(before, node('n2', 'new'), drop('Node', 'n1', 'left'), node('n3'));
    before.observe({ writer: 'link', grid: 'default' }, [put('Pulse', 'n2', { state: 'heard', since: 1 as Instant }, 'heard')]);
    const { identity, revision } = before;
    const nodes = before.view('default').list('Node');
    await before.close();

    const after = openStore(file, { ...world(), random: new FakeRandom(99) });
    expect([after.identity, after.revision, after.view('default').list('Node')]).toEqual([identity, revision, nodes]);
    expect(Object.isFrozen(after.view('default').get('Node', 'n2')?.body.labels)).toBe(true);
    expect(after.view('default').list('Pulse')).toEqual([]);
    await write(after, node('n4'));
    expect(after.verify()).toEqual({ entries: 6, revision: 6 });
    await after.close();
  });

  test('every revision looks as it did then, whatever came after', async () => {
    const file = newFile();
    const random = new FakeRandom(3);
    const draw = (below: number): number => Math.floor(random.fraction() * below);
    const { clock, ...rest } = world();
    const before = openStore(file, { clock, ...rest });
    const seen = new Map<number, unknown>();
    for (let i = 0; i < 150; i += 1) {
      clock.advance(draw(3));
      const name = `n${draw(6)}`;
      const { revision } = await write(before, draw(3) === 0 ? drop('Node', name, 'left') : node(name, `label${draw(3)}`));
      seen.set(revision, before.view('default').list('Node'));
    }
    await before.close();
    const after = openStore(file, { clock, ...rest });
    expect(seen.size).toBeGreaterThan(50);
    for (const [revision, nodes] of seen) expect(after.viewAt('default', { revision }).list('Node')).toEqual(nodes);
    expect(after.view('default').list('Node')).toEqual(seen.get(after.revision));
    expect(after.verify()).toEqual({ entries: after.revision, revision: after.revision });
    await after.close();
  });

  test('two stores are two clusters', () => {
    const random = new FakeRandom();
    const stores = [1, 2].map(() => openStore(':memory:', { ...world(), random }));
    expect(stores[0]!.identity.cluster).not.toBe(stores[1]!.identity.cluster);
  });
});

/** Commits in the write-ahead log: frames that say how large the database is from then on. */
function commitsIn(file: string): number {
  const log = readFileSync(`${file}-wal`);
  const frameBytes = 24 + log.readUInt32BE(8);
  let commits = 0;
  for (let at = 32; at < log.length; at += frameBytes) if (log.readUInt32BE(at + 4) > 0 && log.subarray(at + 8, at + 16).equals(log.subarray(16, 24))) commits += 1;
  return commits;
}

describe('group commit', () => {
  test('waits for the disk, whatever SQLite takes for granted', () => {
    const FULL = 2;
    const db = openDatabase(newFile());
    expect(db.pragma('synchronous', { simple: true })).toBe(FULL);
    db.close();
  });

  test('all that is decided in one turn is one commit', async () => {
    const file = newFile();
    const store = openStore(file, world());
    const before = commitsIn(file);
    const done = await Promise.all(Array.from({ length: 100 }, (_, i) => write(store, node(`n${i}`))));
    expect(done.map(({ revision }) => revision)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(commitsIn(file) - before).toBe(1);
    await write(store, node('n0', 'new'));
    expect(commitsIn(file) - before).toBe(2);
    await store.close();
  });
});

describe('the history is append-only', () => {
  test('SQLite itself refuses to change or remove what is in it', async () => {
    const file = newFile();
    const store = openStore(file, world());
    await write(store, node('n1'));
    const byHand = new Database(file);
    expect(() => byHand.exec("UPDATE history SET name = 'n2'")).toThrow('rows of the history are never changed');
    expect(() => byHand.exec('DELETE FROM history')).toThrow('rows of the history are never removed');
    expect(() => byHand.exec("UPDATE bodies SET body = '{}'")).toThrow('bodies of the history are never changed');
    expect(() => byHand.exec('DELETE FROM bodies')).toThrow('this body of the history is never removed');
    byHand.close();
    await store.close();
  });

  const forgeries: readonly (readonly [title: string, sql: string, brokenAt: number])[] = [
    ['another body', "UPDATE bodies SET body = replace(body, 'ssd', 'hdd') WHERE revision = 2", 2],
    ['a declared body taken out', 'DELETE FROM bodies WHERE revision = 1', 1],
    ['the body of a head taken out', 'DELETE FROM bodies WHERE revision = 2', 2],
    ['a body for a drop', "INSERT INTO bodies VALUES (5, '{}')", 5],
    ['another actor', "UPDATE history SET actor = 'bob' WHERE revision = 2", 2],
    ['another reason', "UPDATE history SET reason = 'x' WHERE revision = 2", 2],
    ['another time', 'UPDATE history SET at = at + 1 WHERE revision = 2', 2],
    ['another grid', "UPDATE history SET grid = 'other' WHERE revision = 2", 2],
    ['a put made a drop', 'DELETE FROM bodies WHERE revision = 2; UPDATE history SET body_hash = NULL WHERE revision = 2', 2],
    ['another hash', 'UPDATE history SET hash = body_hash WHERE revision = 3', 3],
    ['a row taken out', 'DELETE FROM history WHERE revision = 2', 3],
    ['the end cut off', 'DELETE FROM history WHERE revision = 5', 5],
    ['an old head brought back', "UPDATE heads SET revision = 1 WHERE name = 'n1'", 1],
    ['a head taken out', "DELETE FROM heads WHERE name = 'n2'", 2],
    ['a row torn from its record', "UPDATE history SET previous = NULL WHERE revision = 4", 4],
    ['a head for what was dropped', "INSERT INTO heads VALUES ('default', 'Node', 'n9', 2, 0)", 2],
  ];
  test.each(forgeries)('verify finds %s, even with the triggers out of the way', async (_title, sql, brokenAt) => {
    const file = newFile();
    const store = openStore(file, world());
    await write(store, node('n1'), node('n2'), node('n3'));
    await write(store, node('n1', 'new'), drop('Node', 'n3', 'left'));
    const byHand = new Database(file);
    byHand.exec('DROP TRIGGER history_keeps_its_past; DROP TRIGGER history_keeps_its_rows; DROP TRIGGER bodies_are_as_written; DROP TRIGGER bodies_that_count_stay');
    expect(store.verify().brokenAt).toBeUndefined();
    byHand.exec(sql);
    byHand.close();
    expect(store.verify().brokenAt).toBe(brokenAt);
    await store.close();
  });
});

describe('one master per store', () => {
  test('a second is refused, until the first is gone', async () => {
    const file = newFile();
    const first = openStore(file, world());
    expect(() => openStore(file, world())).toThrow(code('KON_STORE_IN_USE'));
    expect(() => raiseEpoch(file, new FakeClock())).toThrow(code('KON_STORE_IN_USE'));
    await write(first, node('n1'));
    await first.close();
    await openStore(file, world()).close();
  });

  test('a second process is refused, and a killed one leaves no lock', async () => {
    const file = newFile();
    const first = openStore(file, world());
    const lockIt = `const D = require('better-sqlite3'); new D(process.argv[1], { timeout: 0 }).exec('BEGIN EXCLUSIVE'); process.kill(process.pid, process.argv[2]);`;
    const inAnother = () => execFileSync(process.execPath, ['-e', lockIt, `${file}.lock`, 'SIGKILL'], { stdio: 'pipe' });
    expect(inAnother).toThrow('database is locked');
    await first.close();
    expect(inAnother).toThrow(expect.objectContaining({ signal: 'SIGKILL' }));
    await openStore(file, world()).close();
  });
});

/** A store whose connection the test can spoil. */
function spoilable(file: string): { readonly store: Store; readonly db: Database.Database } {
  const db = openDatabase(file);
  const { clock, onFatal } = world();
  return { db, store: new SqliteStore({ db, identity: { cluster: 'c', epoch: 1 }, clock, onFatal, release: () => undefined }) };
}

async function refusals(store: Store, amount: number): Promise<unknown[]> {
  const large = 'x'.repeat(50_000);
  const all = await Promise.allSettled(Array.from({ length: amount }, (_, i) => write(store, node(`big${i}`, large))));
  return all.map((result) => (result.status === 'rejected' ? (result.reason as { code: string }).code : 'written'));
}

describe('a full disk', () => {
  async function takesBackAndGoesOn(store: Store, makeRoom: () => void): Promise<void> {
    await write(store, node('n1'));
    let told = 0;
    store.watch(() => (told += 1));
    const before = store.view('default').get('Node', 'n1');

    const small = write(store, node('n1', 'changed'), node('n2'));
    expect(await refusals(store, 40)).toEqual(Array.from({ length: 40 }, () => 'KON_STORE_FULL'));
    await expect(small).rejects.toMatchObject({ code: 'KON_STORE_FULL' });

    expect([names(store), store.revision, told, fatal]).toEqual([['n1'], 1, 0, []]);
    expect(store.view('default').get('Node', 'n1')).toBe(before);
    expect(store.history({}).length).toBe(1);
    let decidedOn: readonly unknown[] = [];
    await store.update(API, (view) => ((decidedOn = [view.list('Node').length, view.get('Node', 'n1'), view.revision]), { steps: [] }));
    expect(decidedOn).toEqual([1, before, 1]);

    makeRoom();
    expect((await write(store, node('n3'))).revision).toBe(2);
    expect(store.verify()).toEqual({ entries: 2, revision: 2 });
  }

  test('takes the whole batch back; what is there is read, and written again when there is room', async () => {
    const { store, db } = spoilable(newFile());
    db.pragma('max_page_count = 40');
    await takesBackAndGoesOn(store, () => db.pragma('max_page_count = 100000'));
    await store.close();
  });

  test('a real one, where mounting is allowed', async () => {
    const disk = mountSmallDisk();
    if (disk === undefined) return;
    try {
      await fill(openStore(join(disk, 'store.sqlite'), world()));
    } finally {
      execFileSync('umount', ['--lazy', disk]);
    }
  });

  async function fill(store: Store): Promise<void> {
    await takesBackAndGoesOn(store, () => undefined);
    const outcomes: unknown[] = [];
    for (let i = 0; i < 30; i += 1) outcomes.push(await write(store, node(`n${i}`, 'x'.repeat(50_000))).then(() => 'written', (error: unknown) => (error as { code: string }).code));
    expect(new Set(outcomes)).toEqual(new Set(['written', 'KON_STORE_FULL']));
    expect(store.verify().brokenAt).toBeUndefined();
    expect(fatal).toEqual([]);
    await store.close();
  }
});

/** A disk of one mebibyte; undefined where this user may not have one. */
function mountSmallDisk(): string | undefined {
  const at = mkdtempSync(join(directory, 'disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at], { stdio: 'ignore' });
    return at;
  } catch {
    return undefined;
  }
}

describe('a failing disk', () => {
  test('answers the callers, then ends; heads are as before and nothing more is written', async () => {
    const { store, db } = spoilable(newFile());
    await write(store, node('n1'));
    db.function('fail', () => {
      throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC');
    });
    db.exec('CREATE TEMP TRIGGER spoil AFTER INSERT ON history BEGIN SELECT fail(); END');

    const order: string[] = [];
    const failing = write(store, node('n2')).catch((error: unknown) => order.push((error as { code: string }).code, `fatal ${fatal.length}`));
    await failing;
    await settled();
    expect(order).toEqual(['KON_STORE_FAILED', 'fatal 0']);
    expect(fatal).toEqual([code('KON_STORE_FAILED')]);
    expect([names(store), store.revision]).toEqual([['n1'], 1]);
    db.exec('DROP TRIGGER spoil');
    await expect(write(store, node('n3'))).rejects.toMatchObject({ code: 'KON_STORE_FAILED' });
    await store.close();
  });

  test('when it is the commit itself that fails, what is decided next rests on what is on disk', async () => {
    const { store, db } = spoilable(newFile());
    await write(store, node('n1'));
    db.exec(`CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
      CREATE TRIGGER spoil AFTER INSERT ON history BEGIN INSERT INTO child VALUES (1); END`);
    await expect(write(store, node('n2'), drop('Node', 'n1', 'left'))).rejects.toMatchObject({ code: 'KON_STORE_FAILED' });
    expect(db.inTransaction).toBe(false);
    expect([names(store), store.revision, store.history({}).length, store.verify()]).toEqual([['n1'], 1, 1, { entries: 1, revision: 1 }]);
    await store.close();
  });

  test('a plan without steps fails with what it rests on', async () => {
    const { store, db } = spoilable(newFile());
    db.pragma('max_page_count = 20');
    const large = refusals(store, 4);
    const unchanged = write(store, node('big0', 'x'.repeat(50_000)));
    expect(await large).toContain('KON_STORE_FULL');
    await expect(unchanged).rejects.toMatchObject({ code: 'KON_STORE_FULL' });
    await store.close();
  });

  test("a person's lock makes a commit fail, not the process", async () => {
    const file = newFile();
    const store = openStore(file, world());
    const person = new Database(file);
    person.exec('BEGIN IMMEDIATE');
    await expect(write(store, node('n1'))).rejects.toMatchObject({ code: 'KON_STORE_FAILED', retry: true });
    person.close();
    expect((await write(store, node('n1'))).revision).toBe(1);
    expect(fatal).toEqual([]);
    await store.close();
  });
});

describe('files that are no store', () => {
  test.each([
    ['text', 'KON_STORE_DAMAGED', (file: string): void => writeFileSync(file, 'not a database at all, and long enough to be looked at'.repeat(20))],
    ['a database of something else', 'KON_STORE_DAMAGED', (file: string): void => void new Database(file).exec('CREATE TABLE t (x)').close()],
    ['a store of a newer format', 'KON_STORE_FORMAT', (file: string): void => void openDatabase(file).exec('PRAGMA user_version = 5').close()],
  ] as const)('%s is refused', (_title, expected, make) => {
    const file = newFile();
    make(file);
    const before = readFileSync(file);
    expect(() => openStore(file, world())).toThrow(code(expected));
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('a record that cannot be read is named as damage', async () => {
    const file = newFile();
    const store = openStore(file, world());
    await write(store, node('n1'));
    await store.close();
    new Database(file).exec("DROP TRIGGER bodies_are_as_written; UPDATE bodies SET body = '{'").close();
    expect(() => openStore(file, world())).toThrow(code('KON_STORE_DAMAGED'));
    expect(() => openStore(file, world())).toThrow(code('KON_STORE_DAMAGED')); // the first left no lock behind
  });

  test('a folder that is not there is named', () => {
    expect(() => openStore(join(directory, 'nowhere', 'store.sqlite'), world())).toThrow(code('KON_FILE_UNREADABLE'));
  });
});

describe('copies', () => {
  test('are whole while writing goes on, and become another epoch of the same cluster', async () => {
    const store = openStore(newFile(), world());
    const large = 'x'.repeat(20_000);
    await Promise.all(Array.from({ length: 200 }, (_, i) => write(store, node(`n${i}`, large))));
    const file = newFile();
    const copying = store.copyTo(file);
    for (let i = 0; i < 20; i += 1) await write(store, node(`late${i}`));
    await copying;
    expect(existsSync(`${file}.partial`)).toBe(false);
    await expect(store.copyTo(file)).rejects.toMatchObject({ code: 'KON_CONFLICT' });

    raiseEpoch(file, new FakeClock(5_000_000));
    const copy = openStore(file, world());
    expect(copy.identity).toEqual({ cluster: store.identity.cluster, epoch: 5000 });
    expect(copy.verify().brokenAt).toBeUndefined();
    expect(copy.revision).toBeGreaterThanOrEqual(200);
    await Promise.all([copy.close(), store.close()]);
    raiseEpoch(file, new FakeClock(0));
    const again = openStore(file, world());
    expect(again.identity.epoch).toBe(5001);
    await again.close();
  });

  test('go on above all numbers that were given after them, also where the same is restored twice', async () => {
    const clock = new FakeClock(1000);
    const store = openStore(newFile(), { ...world(), clock });
    await write(store, node('n1'), node('n2'));
    const backup = newFile();
    await store.copyTo(backup);
    await write(store, node('n1', 'lost'));
    await store.close();

    const restored = async (now: number) => {
      const file = newFile();
      copyFileSync(backup, file);
      raiseEpoch(file, new FakeClock(now));
      const opened = openStore(file, { ...world(), clock });
      return { file, opened, seen: [opened.revision, opened.knows(3), (await write(opened, node('n1', 'after'))).revision] };
    };
    const day = 86_400_000;
    const first = await restored(day);
    const second = await restored(2 * day);
    expect([first.seen, second.seen]).toEqual([[day, false, day + 1], [2 * day, false, 2 * day + 1]]);
    await Promise.all([first, second].map(({ opened }) => opened.close()));
  });

  test('a restored history is one history, in which what was lost is unknown', async () => {
    const file = newFile();
    const clock = new FakeClock(1000);
    const before = openStore(file, { ...world(), clock });
    await write(before, node('n1'), node('n2'));
    await before.close();
    raiseEpoch(file, new FakeClock(0));
    raiseEpoch(file, new FakeClock(0)); // twice, with nothing written between
    clock.advance(500);
    const store = openStore(file, { ...world(), clock });
    const leapt = 2_000_002;
    expect([store.revision, store.verify()]).toEqual([leapt, { entries: 2, revision: 2 }]);
    await write(store, node('n1', 'new'), drop('Node', 'n2', 'left'));

    expect(store.verify()).toEqual({ entries: 4, revision: leapt + 2 });
    expect(store.history({ after: 1, upTo: leapt + 1 }).map(({ revision }) => revision)).toEqual([2, leapt + 1]);
    const labelsAt = (when: Parameters<Store['viewAt']>[1]) => store.viewAt('default', when).list('Node').map(({ name, body }) => `${name} ${String(body.labels[0])}`);
    expect([2, leapt, leapt + 1, leapt + 2].map((revision) => labelsAt({ revision }))).toEqual([['n1 ssd', 'n2 ssd'], ['n1 ssd', 'n2 ssd'], ['n1 new', 'n2 ssd'], ['n1 new']]);
    expect([1000, 1499, 1500].map((time) => labelsAt({ time: time as Instant }))).toEqual([['n1 ssd', 'n2 ssd'], ['n1 ssd', 'n2 ssd'], ['n1 new']]);
    for (const revision of [3, 1000, leapt - 1, leapt + 3]) expect(() => labelsAt({ revision })).toThrow(code('KON_REVISION_UNKNOWN'));
    const compacting = store.compact(2000 as Instant);
    await clock.run(1000);
    await compacting;
    expect([store.verify(), labelsAt({ revision: leapt + 2 })]).toEqual([{ entries: 4, revision: leapt + 2 }, ['n1 new']]);
    await store.close();

    const again = openStore(file, { ...world(), clock });
    expect([again.revision, (await write(again, node('n3'))).revision]).toEqual([leapt + 2, leapt + 3]);
    const byHand = new Database(file);
    byHand.exec('UPDATE leaps SET "to" = 1000').close();
    expect(again.verify().brokenAt).toBe(leapt + 1);
    await again.close();
  });

  test('closing waits for a copy under way', async () => {
    const store = openStore(newFile(), world());
    await Promise.all(Array.from({ length: 50 }, (_, i) => write(store, node(`n${i}`, 'x'.repeat(20_000)))));
    const file = newFile();
    const copying = store.copyTo(file);
    await store.close();
    await copying;
    expect(existsSync(file)).toBe(true);
  });

  test('to where nothing can be written leave nothing', async () => {
    const store = openStore(newFile(), world());
    await expect(store.copyTo(join(directory, 'nowhere', 'copy.sqlite'))).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE' });
    await store.close();
  });

  test('raising the epoch of nothing is refused', () => {
    expect(() => raiseEpoch(newFile(), new FakeClock())).toThrow(code('KON_STORE_DAMAGED'));
  });
});
