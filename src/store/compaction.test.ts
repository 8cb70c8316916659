import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { type Change, drop, type HealthBody, type Instant, put } from '../model/index.js';
import type { Store } from '../ports/index.js';
import { FakeClock } from '../testing/fake-clock.js';
import { FakeRandom } from '../testing/fake-random.js';
import { asOlder } from '../testing/older-store.js';
import { Compaction } from './compaction.js';
import { openDatabase } from './database.js';
import { keepCompact, openStore } from './index.js';

const directory = mkdtempSync(join(tmpdir(), 'kontena-compaction-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const MINUTE = 60_000;
let files = 0;
let file: string;
let clock: FakeClock;
let store: Store;

const open = (): Store => openStore(file, { clock, random: new FakeRandom(), onFatal: (error) => expect(error).toBeUndefined() });
beforeEach(() => {
  file = join(directory, `store-${(files += 1)}.sqlite`);
  clock = new FakeClock(1_000);
  store = open();
});
afterEach(() => store.close());

const declare = (...steps: readonly Change[]) => store.update({ writer: 'api', grid: 'default' }, () => ({ steps }));
const derive = (...steps: readonly Change[]) => store.update({ writer: 'node-health', grid: 'default' }, () => ({ steps }));
const node = (name: string, label: string): Change => put('Node', name, { number: 1, labels: [label], availability: 'active', keyFingerprint: 'f' }, 'joined');
const health = (name: string, since: number, phase: HealthBody['phase'] = 'online'): Change => put('Health', name, { phase, since: since as Instant, wasLost: false }, `since ${since}`);

/** Compacts what was replaced before now, to the end. */
async function compact(): Promise<void> {
  const done = store.compact(clock.now());
  await clock.run(2_000);
  await done;
}

const bodies = (): readonly (readonly [number, boolean, boolean])[] => store.history({}).map(({ revision, change, isCompacted }) => [revision, change.body !== undefined, isCompacted]);

describe('compaction', () => {
  test('drops what controllers derived and replaced before the moment; what was declared, what is newest and the chain stay', async () => {
    await declare(node('n1', 'old')); // 1
    await derive(health('n1', 1), health('n2', 1)); // 2, 3
    await declare(node('n1', 'new'), drop('Node', 'n1', 'left'), node('n1', 'again')); // 4, 5, 6
    await derive(health('n1', 2), drop('Health', 'n2', 'gone')); // 7, 8
    clock.advance(MINUTE);
    await derive(health('n1', 3)); // 9, at the moment itself
    const hashes = store.history({}).map(({ hash }) => hash);
    await compact();
    expect(bodies()).toEqual([
      [1, true, false], [2, false, true], [3, false, true], [4, true, false], [5, false, false], [6, true, false], [7, true, false], [8, false, false], [9, true, false],
    ]);
    expect([store.verify(), store.history({}).map(({ hash }) => hash)]).toEqual([{ entries: 9, revision: 9 }, hashes]);
    await store.close();
    store = open();
    expect([store.view('default').get('Health', 'n1')?.body.since, store.verify().brokenAt]).toEqual([3, undefined]);
  });

  test('a revision from before is refused with what to do; every one since is as it was', async () => {
    const random = new FakeRandom(5);
    const seen: (readonly [number, unknown])[] = [];
    const look = (revision: number) => (['Node', 'Health'] as const).map((kind) => store.viewAt('default', { revision }).list(kind));
    for (let i = 0; i < 600; i += 1) {
      clock.advance(random.below(3));
      const name = `n${random.below(5)}`;
      const isDeclared = random.below(3) === 0;
      if (random.below(4) === 0) await (isDeclared ? declare(drop('Node', name, 'left')) : derive(drop('Health', name, 'left')));
      else await (isDeclared ? declare(node(name, `l${random.below(4)}`)) : derive(health(name, random.below(4))));
      if (i === 400) await compact();
      if (store.revision > (seen.at(-1)?.[0] ?? 0)) seen.push([store.revision, look(store.revision)]);
    }
    const horizon = store.history({ newestFirst: true }).find(({ isCompacted }) => isCompacted)!.revision;
    expect(() => look(1)).toThrow(expect.objectContaining({ code: 'KON_REVISION_COMPACTED', remedy: expect.stringContaining('List again') }));
    const since = seen.filter(([revision]) => revision > horizon + 20);
    expect(since.length).toBeGreaterThan(100);
    for (const [revision, then] of since) expect(look(revision)).toEqual(then);
    await store.close();
    store = open();
    expect(() => look(1)).toThrow(expect.objectContaining({ code: 'KON_REVISION_COMPACTED' }));
    for (const [revision, then] of since) expect(look(revision)).toEqual(then);
    expect(store.verify().brokenAt).toBeUndefined();
  });

  test('goes in small steps, between which commits have their turn, and gives the room back', async () => {
    const long = 'x'.repeat(400);
    for (let i = 0; i < 100; i += 1) await derive(...Array.from({ length: 100 }, (_, of) => put('Health', `n${of}`, { phase: 'online', since: i as Instant, wasLost: false, reason: long } as HealthBody, 'seen')));
    clock.advance(MINUTE);
    await store.close();
    store = open();
    const before = statSync(file).size;
    const done = store.compact(clock.now());
    let steps = 0;
    for (; clock.pending > 0; steps += 1) {
      await declare(node('n1', `${steps}`));
      await clock.run(20);
    }
    await done;
    expect(steps).toBeGreaterThan(200);
    expect(store.verify().brokenAt).toBeUndefined();
    await store.close();
    expect(statSync(file).size).toBeLessThan(before / 2);
    store = open();
  });

  test('bodies that compaction would not drop are missed by verify', async () => {
    await derive(health('n1', 1), health('n1', 2), health('n1', 3));
    const byHand = new Database(file);
    byHand.exec('DELETE FROM bodies WHERE revision = 2');
    expect(store.verify().brokenAt).toBe(2);
    byHand.exec('UPDATE meta SET kept_from = 3');
    expect(store.verify().brokenAt).toBeUndefined();
    expect(() => byHand.exec('DELETE FROM bodies WHERE revision = 3')).toThrow('never removed');
    byHand.close();
  });

  test('leaves commits waiting for the disk as before', async () => {
    const db = openDatabase(join(directory, 'direct.sqlite'));
    const compaction = new Compaction(db);
    expect([compaction.step(clock.now()), db.pragma('synchronous', { simple: true })]).toEqual([false, 2]);
    db.exec("INSERT INTO history VALUES (1, 0, 'w', 'a', 'r', 'Health', 'g', 'n', NULL, NULL, 'h'); DROP TABLE bodies");
    expect(() => compaction.step(1 as Instant)).toThrow('bodies');
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    db.close();
  });

  test('runs by itself, tries again after a failure, and ends when told', async () => {
    const asked: number[] = [];
    const warned: string[] = [];
    const flaky = {
      compact: (before: Instant): Promise<void> => {
        asked.push(before);
        return asked.length === 1 ? Promise.reject(new Error('no room')) : Promise.resolve();
      },
    };
    const log = { info: () => undefined, error: () => undefined, warn: (message: string) => void warned.push(message) };
    const stop = keepCompact({ store: flaky, clock, log, keepMs: MINUTE });
    await clock.run(21 * MINUTE);
    expect([asked.length, asked.map((before) => (before - 1_000) / MINUTE), warned.length]).toEqual([2, [9, 19], 1]);
    stop();
    await clock.run(60 * MINUTE);
    expect([asked.length, clock.pending]).toEqual([2, 0]);
  });
});

test.each([1, 2, 3] as const)('a store of format %i is taken over with all that is in it, and compacted like any other', async (format) => {
  await declare(node('n1', 'old'), node('n1', 'new'));
  await derive(health('n1', 1), health('n1', 2), drop('Health', 'n1', 'gone'));
  const hashes = store.history({}).map(({ hash }) => hash);
  await store.close();
  const older = new Database(file);
  asOlder(older, format);
  older.close();
  store = open();
  expect([store.view('default').get('Node', 'n1')?.body.labels, store.verify(), store.history({}).map(({ hash }) => hash)]).toEqual([['new'], { entries: 5, revision: 5 }, hashes]);
  expect([store.sealedNames('default'), bodies().map(([, has]) => has)]).toEqual([[], [true, true, true, true, false]]);
  clock.advance(MINUTE);
  await compact();
  expect(bodies().map(([, has]) => has)).toEqual([true, true, false, false, false]);
  expect(new Database(file, { readonly: true }).pragma('auto_vacuum', { simple: true })).toBe(2);
});
