import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LogRecord, LogRing, RingSearch } from '../ports/index.js';
import { fileLogRings } from './index.js';

let directory: string;
let ring: LogRing;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'log-rings-'));
  ring = await open();
});
afterEach(async () => {
  await ring.close();
  await rm(directory, { recursive: true, force: true });
});

const open = (maxBytes = 1024 * 1024): Promise<LogRing> => fileLogRings(directory).open('todo/web.2', maxBytes);
const at = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000000Z`;
const record = (second: number, text: string, over: Partial<LogRecord> = {}): LogRecord => ({ stream: 'stdout', at: at(second), round: 7, run: 1, text: Buffer.from(text), ...over });
const never = new AbortController().signal;

async function read(search: Partial<RingSearch> = {}): Promise<readonly string[]> {
  const said: string[] = [];
  for await (const { lines } of ring.read((round) => `todo/web.2@${String(round)}`, { follow: false, ...search }, never)) said.push(...lines.map(({ instance, stream, line, run }) => `${instance}.${String(run)} ${stream} ${line}`));
  return said;
}

test('what is written is read, also by the next process, and lies there as text', async () => {
  await ring.append([record(1, 'one'), record(2, 'zwei ü\r', { stream: 'stderr' }), record(3, '', { run: 2 })]);
  await ring.close();
  ring = await open();
  await ring.append([record(4, 'by a hook', { stream: 'hook', round: 9 })]);
  expect(await read()).toEqual(['todo/web.2@7.1 stdout one', 'todo/web.2@7.1 stderr zwei ü', 'todo/web.2@7.2 stdout ', 'todo/web.2@9.1 hook by a hook']);
  const [file = ''] = await readdir(join(directory, 'todo:web.2'));
  expect((await readFile(join(directory, 'todo:web.2', file), 'utf8')).split('\n')[1]).toBe('2026-01-01T00:00:02.000000000Z e 7.1 zwei ü');
  expect((await fileLogRings(directory).list()).map(({ name, writtenMs }) => [name, Date.now() - writtenMs < 600_000])).toEqual([['todo/web.2', true]]);
});

describe('what is looked for', () => {
  beforeEach(() => ring.append([record(1, 'GET / 200'), record(2, 'GET /x 500'), record(3, 'GET / 200', { run: 2 }), record(4, 'POST / 503', { round: 9 })]));

  test.each<[Partial<RingSearch>, readonly string[]]>([
    [{ grep: ' 5\\d\\d$' }, ['GET /x 500', 'POST / 503']],
    [{ since: '2026-01-01T00:00:03Z' }, ['GET / 200', 'POST / 503']],
    [{ since: '2026-01-01T00:00:02.500Z', tail: 1 }, ['POST / 503']],
    [{ tail: 2, grep: 'GET' }, ['GET /x 500', 'GET / 200']],
    [{ tail: 0 }, []],
    [{ tail: 99 }, ['GET / 200', 'GET /x 500', 'GET / 200', 'POST / 503']],
    [{ round: 7, run: 1 }, ['GET / 200', 'GET /x 500']],
    [{ round: 9 }, ['POST / 503']],
  ])('%j', async (search, found) => {
    expect((await read(search)).map((said) => said.replace(/^\S+ \S+ /, ''))).toEqual(found);
  });

  test('no pattern that is none', async () => {
    await expect(read({ grep: '(' })).rejects.toMatchObject({ code: 'KON_INVALID', message: '"(" is no regular expression (RE2): error parsing regexp: missing closing ): `(`' });
    await expect(read({ grep: '(a)\\1' })).rejects.toMatchObject({ code: 'KON_INVALID' });
  });

  test('no pattern is slow, whatever the line', async () => {
    await ring.append([record(5, 'a'.repeat(60_000))]);
    expect(await read({ grep: '(a+)+$' })).toHaveLength(1);
    expect(await read({ grep: '(a*)*b' })).toEqual([]);
  });
});

test('followed, it brings what comes, and says when it has caught up', async () => {
  await ring.append([record(1, 'one')]);
  const over = new AbortController();
  const said: string[] = [];
  for await (const { lines, isCaughtUp } of ring.read(String, { follow: true }, over.signal)) {
    said.push(...lines.map(({ line }) => line), isCaughtUp ? '|' : '');
    if (said.length === 2) await ring.append([record(2, 'two'), record(3, 'three')]);
    else over.abort();
  }
  expect(said).toEqual(['one', '|', 'two', 'three', '|']);
});

test('where reading was left: the newest line of each stream, and how many bear its moment', async () => {
  expect([await ring.newestRound(), await ring.tail(7), await ring.before(7, 1)]).toEqual([0, undefined, undefined]);
  await ring.append([record(1, 'old', { stream: 'stderr' }), record(20, 'a'), record(20, 'b', { stream: 'stderr' }), record(20, 'c'), record(21, 'x', { stream: 'hook' }), record(22, 'other', { round: 9, run: 3 })]);
  expect(await ring.tail(7)).toEqual({ run: 1, marks: { stdout: { at: at(20), count: 2 }, stderr: { at: at(20), count: 1 } } });
  expect(await ring.tail(9)).toEqual({ run: 3, marks: { stdout: { at: at(22), count: 1 } } });
  expect([await ring.newestRound(), await ring.before(9, 3), await ring.before(7, 1)]).toEqual([9, { round: 7, run: 1 }, undefined]);
});

test('the oldest go in pieces, and never more than was asked for lies there', async () => {
  await ring.close();
  ring = await open(16_000);
  for (let number = 0; number < 1_000; number += 1) await ring.append([record(1, `line ${String(number)} ${'x'.repeat(60)}`)]);
  const left = await read();
  expect(left.at(-1)).toContain('line 999 ');
  expect(left.length).toBeGreaterThan(100);
  expect(left.length).toBeLessThan(170);
  const folder = join(directory, 'todo:web.2');
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await readFile(join(folder, name))).length));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(16_000);
});

test('what is removed is gone', async () => {
  await ring.append([record(1, 'one')]);
  await ring.close();
  await fileLogRings(directory).remove('todo/web.2');
  expect(await fileLogRings(directory).list()).toEqual([]);
  ring = await open();
});
