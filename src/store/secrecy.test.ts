import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { SealedChange, Store } from '../ports/index.js';
import { FakeClock } from '../testing/fake-clock.js';
import { FakeRandom } from '../testing/fake-random.js';
import { openStore } from './index.js';

const directory = mkdtempSync(join(tmpdir(), 'kontena-secrecy-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const open = (name: string): Store => openStore(join(directory, name), { clock: new FakeClock(), random: new FakeRandom(), onFatal: () => undefined });
const seal = (store: Store, ...sealed: readonly SealedChange[]) => store.update({ writer: 'api', grid: 'default' }, () => ({ steps: [], sealed }));

test('a store, what SQLite keeps beside it and its copies are for their owner alone', async () => {
  const umask = process.umask(0o022);
  try {
    const store = open('modes.sqlite');
    await seal(store, { name: 'Secret/a@1', bytes: Buffer.from('x') });
    await store.copyTo(join(directory, 'copy.sqlite'));
    const modes = readdirSync(directory).map((name) => `${name} ${(statSync(join(directory, name)).mode & 0o777).toString(8)}`);
    expect(modes.sort()).toEqual(['copy.sqlite 600', 'modes.sqlite 600', 'modes.sqlite-shm 600', 'modes.sqlite-wal 600', 'modes.sqlite.lock 600', 'modes.sqlite.lock-journal 600']);
    await store.close();
  } finally {
    process.umask(umask);
  }
});

test('what is erased is overwritten', async () => {
  const store = open('erased.sqlite');
  const text = 'sealed and then erased';
  const contains = (): boolean => readFileSync(join(directory, 'erased.sqlite')).includes(text);
  await seal(store, { name: 'Secret/a@1', bytes: Buffer.from(text) }, { name: 'Secret/b@1', bytes: Buffer.from('stays') });
  await store.close();
  expect(contains()).toBe(true);
  const again = open('erased.sqlite');
  await seal(again, { name: 'Secret/a@1', bytes: undefined });
  await again.close();
  expect([contains(), readFileSync(join(directory, 'erased.sqlite')).includes('stays')]).toEqual([false, true]);
});
