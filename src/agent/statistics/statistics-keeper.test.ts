import { beforeEach, expect, test } from '@jest/globals';
import type { Log } from '../../ports/index.js';
import { FakeClock } from '../../testing/fake-clock.js';
import { FakeCounts, FakeDatagrams } from '../../testing/fake-counts.js';
import { StatisticsKeeper } from './index.js';

const MIB = 2 ** 20;
const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let clock: FakeClock;
let counts: FakeCounts;
let datagrams: FakeDatagrams;
let running: Map<string, string>;
let reads: number;
let keeper: StatisticsKeeper;

beforeEach(async () => {
  clock = new FakeClock(1_000_000);
  counts = new FakeCounts();
  datagrams = new FakeDatagrams();
  running = new Map([['todo/web.1@5', 'aaa']]);
  reads = 0;
  uses('aaa', 0);
  keeper = new StatisticsKeeper({ counts, datagrams, clock, log: quiet, node: { grid: 'shop', name: 'n1.example' }, running: () => running, onRead: () => (reads += 1) });
  await keeper.start();
});

const uses = (id: string, cpuSeconds: number): void => void counts.containers.set(id, { cpuSeconds, memoryBytes: 10 * MIB, memoryLimitBytes: 20 * MIB, network: { in: 0, out: 0 }, disk: { in: 0, out: 0 } });
const cpus = (instance: string): number | undefined => keeper.newest()?.instances[instance]?.rates?.cpus;

test('speaks a second after its first reading, and then every ten', async () => {
  await clock.run(999);
  expect([reads, keeper.newest()]).toEqual([0, undefined]);
  uses('aaa', 0.5);
  counts.own = { ...counts.own, cpuSeconds: 1.5 };
  await clock.run(1);
  expect([reads, cpus('todo/web.1@5'), keeper.newest()?.node.rates?.cpus]).toEqual([1, 0.5, 1.5]);
  uses('aaa', 2.5);
  await clock.run(9_999);
  expect(reads).toBe(1);
  await clock.run(1);
  expect([reads, cpus('todo/web.1@5')]).toEqual([2, 0.2]);
});

test('a container that is new has no rates yet, one that replaced another neither, and one that is gone is not told of', async () => {
  await clock.run(1_000);
  running.set('todo/web.2@6', 'bbb').set('todo/web.1@5', 'ccc').set('todo/web.3@6', 'ddd');
  uses('bbb', 100);
  uses('ccc', 100);
  await clock.run(10_000);
  expect(Object.keys(keeper.newest()?.instances ?? {})).toEqual(['todo/web.1@5', 'todo/web.2@6']);
  expect([cpus('todo/web.1@5'), cpus('todo/web.2@6')]).toEqual([undefined, undefined]);
  uses('bbb', 110);
  await clock.run(10_000);
  expect(cpus('todo/web.2@6')).toBe(1);
});

test('two hundred are read some at a time', async () => {
  for (let at = 0; at < 200; at += 1) {
    running.set(`todo/api.${String(at)}@7`, `id${String(at)}`);
    uses(`id${String(at)}`, 0);
  }
  await clock.run(21_000);
  expect(Object.keys(keeper.newest()?.instances ?? {})).toHaveLength(201);
});

test('a kernel that cannot be read is asked again', async () => {
  counts.fails = new Error('no /proc');
  await clock.run(1_000);
  counts.fails = undefined;
  await clock.run(20_000);
  expect(keeper.newest()).toBeDefined();
});

test('tells a statsd, if there is one, by slots', async () => {
  await clock.run(1_000);
  expect(datagrams.sent).toEqual([]);
  keeper.obey({ statsd: '[fd00::7]:9125' });
  uses('aaa', 5);
  await clock.run(10_000);
  expect(datagrams.sent).toEqual(expect.arrayContaining([
    'fd00::7:9125 shop.n1_example.memory.used:536870912|g', 'fd00::7:9125 shop.n1_example.cpu.percent:0|g', 'fd00::7:9125 shop.n1_example.load.15m:0|g',
    'fd00::7:9125 shop.services.todo.web.1.cpu.percent:50|g', 'fd00::7:9125 shop.services.todo.web.1.memory.limit:20971520|g', 'fd00::7:9125 shop.services.todo.web.1.network.rx_bytes:0|g',
  ]));
  datagrams.sent.length = 0;
  keeper.obey({});
  await clock.run(10_000);
  expect(datagrams.sent).toEqual([]);
});

test('stops for good', async () => {
  await keeper.stop();
  await clock.run(60_000);
  expect([reads, datagrams.isClosed]).toEqual([0, true]);
});
