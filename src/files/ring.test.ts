import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Ring } from './ring.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ring-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const START = { segment: 1, offset: 0 };
const numbered = (from: number, to: number): string => Array.from({ length: to - from }, (_, index) => `record ${String(from + index)}\n`).join('');

async function all(records: AsyncIterable<readonly string[]>): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const some of records) found.push(...some);
  return found;
}

test('what was appended is read forward and backward, from any place', async () => {
  const ring = await Ring.open(directory, 1_000_000);
  await ring.append('one\ntwo\n');
  const { end } = ring;
  await ring.append('three ü\n');
  expect(await all(ring.forward(START, undefined))).toEqual(['one', 'two', 'three ü']);
  expect(await all(ring.forward(end, undefined))).toEqual(['three ü']);
  expect(await all(ring.backward(ring.end))).toEqual(['three ü', 'two', 'one']);
  expect(await all(ring.backward(end))).toEqual(['two', 'one']);
  await ring.close();
});

test('it keeps the newest, in no more bytes than it was given, and says where newer ones begin', async () => {
  const ring = await Ring.open(directory, 8_000);
  for (let count = 0; count < 2_000; count += 10) await ring.append(numbered(count, count + 10));
  const names = await readdir(directory);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size));
  expect(names).toHaveLength(8);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(8_000);

  const kept = await all(ring.forward(START, undefined));
  expect(kept.at(-1)).toBe('record 1999');
  expect(kept).toEqual(numbered(2_000 - kept.length, 2_000).trimEnd().split('\n'));
  expect(await all(ring.backward(ring.end))).toEqual([...kept].reverse());

  const newer = await all(ring.forward(await ring.since((record) => Number(record.slice(7)) < 1_900), undefined));
  expect(newer).toContain('record 1900');
  expect(newer.length).toBeLessThan(kept.length);
  await ring.close();
});

test('records longer than what is read at once are whole both ways', async () => {
  const ring = await Ring.open(directory, 100_000_000);
  const records = ['a', 'b'.repeat(600_000), 'c', 'd'.repeat(300_000)];
  await ring.append(`${records.join('\n')}\n`);
  expect(await all(ring.forward(START, undefined))).toEqual(records);
  expect(await all(ring.backward(ring.end))).toEqual([...records].reverse());
  await ring.close();
});

test('it is taken up where it ended; half a record of a crash is dropped', async () => {
  const before = await Ring.open(directory, 1_000_000);
  await before.append('one\n');
  await before.close();
  await appendFile(join(directory, '000000000001.log'), 'hal');
  const after = await Ring.open(directory, 1_000_000);
  await after.append('two\n');
  expect(await all(after.forward(START, undefined))).toEqual(['one', 'two']);
  await after.close();
});

test('whoever follows hears what comes, over files, until aborted', async () => {
  const ring = await Ring.open(directory, 800);
  const over = new AbortController();
  const heard: string[] = [];
  const listening = (async () => {
    for await (const some of ring.forward(START, over.signal)) {
      heard.push(...some);
      if (heard.length === 60) over.abort();
    }
  })();
  for (let count = 0; count < 60; count += 1) {
    await ring.append(numbered(count, count + 1));
    while (heard.length <= count) await new Promise((resolve) => setImmediate(resolve));
  }
  await listening;
  expect(heard).toEqual(numbered(0, 60).trimEnd().split('\n'));
  await ring.close();
});
