import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Instant, later, type Millis, type NodeUsage, type Usage } from '../model/index.js';
import type { Log } from '../ports/index.js';
import { FakeClock } from '../testing/fake-clock.js';
import { KeptStatistics } from './index.js';

const MINUTE_MS: Millis = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const BEGAN = Date.UTC(2026, 0, 1);

let directory: string;
let clock: FakeClock;
let logged: string[];
let kept: KeptStatistics;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'statistics-'));
  clock = new FakeClock(BEGAN);
  logged = [];
  kept = await open();
});
afterEach(async () => {
  await kept.close();
  rmSync(directory, { recursive: true, force: true });
});

function open(): Promise<KeptStatistics> {
  const note = (message: string): void => void logged.push(message);
  const log: Log = { info: () => undefined, warn: note, error: note };
  return KeptStatistics.open({ directory, clock, log });
}

const usage = (cpus: number, memoryBytes = 100): Usage => ({ cpuSeconds: 1, memoryBytes, memoryLimitBytes: 200, disk: { in: 0, out: 0 }, rates: { cpus, network: { in: 1, out: 2 }, disk: { in: 3, out: 4 } } });
const node = (cpus: number): NodeUsage => ({ ...usage(cpus), cpus: 2, load: [0, 0, 0], diskBytes: 0, diskUsedBytes: 0 });
const say = (cpus: number, instance = 'todo/web.1@5'): void => kept.take('g', 'n1', { node: node(2 * cpus), instances: { [instance]: usage(cpus) } });
const since = (ms: Millis, what = 'todo/web.1') => kept.since('g', what, later(clock.now(), -ms));

/** Says the same every ten seconds for a while. */
async function sayFor(ms: Millis, cpus: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10_000) {
    say(cpus);
    await clock.run(10_000);
  }
}

test('what was said last is at hand, and nothing of what nobody spoke of', () => {
  say(0.5);
  expect(kept.newest('g', 'n1')).toMatchObject({ at: BEGAN, said: { node: { rates: { cpus: 1 } }, instances: { 'todo/web.1@5': { rates: { cpus: 0.5 } } } } });
  expect([kept.newest('g', 'n2'), kept.newest('h', 'n1'), since(HOUR_MS, 'todo/web.2').points]).toEqual([undefined, undefined, []]);
});

test('a slot goes on whatever its round, in points as fine as the time asked for allows', async () => {
  await sayFor(2 * MINUTE_MS, 0.25);
  say(0.75, 'todo/web.1@9');
  const fine = since(2 * MINUTE_MS);
  expect([fine.everyMs, fine.points.length, fine.points.at(-1)]).toEqual([10_000, 13, { at: BEGAN + 2 * MINUTE_MS, cpus: 0.75, memoryBytes: 100, network: { in: 1, out: 2 }, disk: { in: 3, out: 4 } }]);
  expect(since(30 * MINUTE_MS)).toMatchObject({ everyMs: MINUTE_MS, points: [{ at: BEGAN, cpus: 0.25 }, { at: BEGAN + MINUTE_MS, cpus: 0.25 }, { cpus: 0.75 }] });
  const coarse = since(20 * HOUR_MS);
  expect([coarse.everyMs, coarse.points.map(({ cpus }) => cpus.toFixed(4))]).toEqual([10 * MINUTE_MS, [((12 * 0.25 + 0.75) / 13).toFixed(4)]]);
  expect(since(20 * HOUR_MS, 'node/n1').points).toHaveLength(1);
});

test('what has no rates yet makes no point', () => {
  const { rates, ...first } = usage(1);
  kept.take('g', 'n1', { node: node(1), instances: { 'todo/web.1@5': first } });
  expect([rates?.cpus, kept.newest('g', 'n1')?.said.instances['todo/web.1@5'], since(HOUR_MS).points]).toEqual([1, first, []]);
});

test('times of which nothing was said are gaps, and what is older than a day is forgotten', async () => {
  say(1);
  await clock.run(3 * HOUR_MS);
  say(1);
  expect(since(24 * HOUR_MS).points.map(({ at }) => at)).toEqual([BEGAN, BEGAN + 3 * HOUR_MS]);
  expect(since(5 * MINUTE_MS).points).toHaveLength(1);
  await clock.run(25 * HOUR_MS);
  expect([since(24 * HOUR_MS).points, kept.newest('g', 'n1')]).toEqual([[], undefined]);
});

test('another process takes up what was written down, the ten minutes under way too', async () => {
  await sayFor(20 * MINUTE_MS, 0.5);
  say(0.1);
  const before = since(20 * HOUR_MS).points;
  await kept.close();
  await clock.run(MINUTE_MS);
  kept = await open();
  await kept.loaded;
  expect(before).toHaveLength(3);
  expect(since(20 * HOUR_MS).points).toEqual(before.map((point) => ({ ...point, cpus: expect.closeTo(point.cpus, 4) })));
  say(0.3);
  expect(since(20 * HOUR_MS).points.at(-1)?.cpus).toBeCloseTo(0.2, 4);
  expect(logged).toEqual([]);
});

test('a damaged file costs what stood in it, and nothing else', async () => {
  await sayFor(20 * MINUTE_MS, 0.5);
  await kept.close();
  const { appendFileSync, readdirSync } = await import('node:fs');
  appendFileSync(join(directory, readdirSync(directory)[0] ?? ''), 'nonsense\n');
  kept = await open();
  await kept.loaded;
  expect(logged).toHaveLength(1);
  say(0.5);
  expect(since(MINUTE_MS).points).toHaveLength(1);
});

test('a thousand nodes with ten instances each are kept in less than 100 MB', () => {
  const instances = (at: number): Record<string, Usage> => Object.fromEntries(Array.from({ length: 10 }, (_none, slot) => [`todo/web.${String(at * 10 + slot)}@5`, usage(1)]));
  const before = process.memoryUsage().arrayBuffers;
  for (let at = 0; at < 1_000; at += 1) kept.take('g', `n${String(at)}`, { node: node(1), instances: instances(at) });
  const bytes = process.memoryUsage().arrayBuffers - before;
  expect(bytes).toBeLessThan(100e6);
  expect(kept.since('g', 'todo/web.9999', 0 as Instant).points).toHaveLength(1);
});
