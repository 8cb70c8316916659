import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Instant, Usage, UsagePoint } from '../../model/index.js';
import { FakeHost } from '../fake-host.js';
import { runCommandLine } from '../main.js';
import { condensed, sparkline } from '../output/index.js';

const home = mkdtempSync(join(tmpdir(), 'kontena-stats-'));
mkdirSync(join(home, '.config', 'kontena'), { recursive: true });
writeFileSync(join(home, '.config', 'kontena', 'config.yaml'), 'current: dev\ncontexts:\n  - {name: dev, server: "m:9292", ca: CA, certificate: CERT, key: KEY}\n');
afterAll(() => rmSync(home, { recursive: true, force: true }));

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost({ home });
});

const run = (line: string): Promise<number> => runCommandLine(line.split(' '), home, host);

const usage = (cpus: number, memoryBytes: number): Usage => ({
  cpuSeconds: 9, memoryBytes, memoryLimitBytes: 200e6, network: { in: 1_500, out: 12 }, disk: { in: 0, out: 4e9 }, rates: { cpus, network: { in: 10, out: 0 }, disk: { in: 0, out: 0 } },
});
const WEB1 = { name: 'todo/web.1@5', node: 'n1', usage: usage(0.123, 50e6), at: '2026-01-01T00:00:00.000Z', ageMs: 3_000 };
const { network, rates, ...withoutNetwork } = usage(0, 100e6);
const WEB2 = { name: 'todo/web.2@5', node: 'n2', usage: withoutNetwork, at: '2026-01-01T00:00:00.000Z', ageMs: 185_000, silence: 'node n2 is silent since 12:00' };
const NODE = { name: 'n1', usage: { ...usage(1.5, 150e6), cpus: 4, load: [0.5, 0.25, 1] as const, diskBytes: 0, diskUsedBytes: 0 }, ageMs: 1 };

describe('stats', () => {
  test('shows what instances use, and how old that is of a node that is silent', async () => {
    host.master.statistics = [WEB1, WEB2, { name: 'todo/web.3@6', node: 'n2', silence: 'node n2 is silent since 12:00' }];
    expect(await run('stats todo/web')).toBe(0);
    expect(host.stdout).toBe([
      'INSTANCE       CPU %   MEM USAGE/LIMIT     MEM %   NET I/O       DISK I/O     NODE',
      'todo/web.1@5   12.3%   50.0MB / 200.0MB    25.0%   1.5kB / 12B   0B / 4.0GB   n1',
      'todo/web.2@5   -       100.0MB / 200.0MB   50.0%   -             0B / 4.0GB   n2',
      'todo/web.3@6   -       -                   -       -             -            n2',
      '',
    ].join('\n'));
    expect(host.stderr).toBe('node n2 is silent since 12:00: what is shown of it is 3m old\n');
    expect([network?.in, rates?.cpus, host.master.asked]).toEqual([1_500, 0, ['statistics default {"name":"todo/web"}']]);
  });

  test.each([
    ['stats', 'statistics default {}'], ['stats instances', 'statistics default {}'], ['stats stack/todo', 'statistics default {"name":"todo"}'], ['stats service/todo/web', 'statistics default {"name":"todo/web"}'],
    ['stats instance/todo/web.1', 'statistics default {"name":"todo/web.1"}'], ['stats nodes', 'node statistics default {}'], ['stats node/n1', 'node statistics default {"name":"n1"}'], ['stats no/n1', 'node statistics default {"name":"n1"}'],
  ])('%s asks for %s', async (line, asked) => {
    expect(await run(line)).toBe(0);
    expect(host.master.asked).toEqual([asked]);
    expect([host.stdout, host.stderr]).toEqual(['', `There are no ${asked.startsWith('node') ? 'nodes' : 'instances'}.\n`]);
  });

  test('of nodes, with what they have', async () => {
    host.master.nodeStatistics = [NODE];
    await run('stats nodes');
    expect(host.stdout.split('\n')[1]).toBe('n1     150.0%   4      0.50 0.25 1.00   150.0MB / 200.0MB   75.0%   1.5kB / 12B   0B / 4.0GB   -');
  });

  test('as data', async () => {
    host.master.statistics = [WEB1];
    await run('stats -o json');
    expect(JSON.parse(host.stdout)).toEqual({ kind: 'InstanceStatisticsList', grid: 'default', items: [WEB1] });
    expect(await run('stats --since 10m')).toBe(2);
  });

  test('as charts, with gaps where nothing was said', async () => {
    const now = Date.now();
    const everyMs = 60_000;
    const point = (minutesAgo: number, cpus: number): UsagePoint => ({ at: ((Math.floor(now / everyMs) - minutesAgo) * everyMs) as Instant, cpus, memoryBytes: 5e6, network: { in: 0, out: 0 }, disk: { in: 1_000, out: 0 } });
    host.master.statistics = [{ ...WEB1, history: { everyMs, points: [point(5, 0.1), point(4, 0.4), point(1, 0.2), point(0, 0.05)] } }, { ...WEB2, history: { everyMs, points: [] } }];
    await run('stats --chart --since 5m');
    const [title, cpu = '', memory = '', net = '', disk, , none] = host.stdout.split('\n');
    expect([title, disk, none]).toEqual(['todo/web.1@5: the last 5m by 1m', '  DISK     ██  ██  now 1.0kB/s, at most 1.0kB/s', 'todo/web.2@5: nothing was said of it in that time']);
    expect([cpu, memory, net]).toEqual(['  CPU      ▃█  ▅▂  now 5.0%, at most 40.0%', '  MEMORY   ██  ██  now 5.0MB, at most 5.0MB', '  NETWORK  ▁▁  ▁▁  now 0B/s, at most 0B/s']);
  });

  test('watched, ends with Ctrl-C', async () => {
    host.master.statistics = [WEB1];
    const ended = run('stats -w');
    while (!host.stdout.includes('todo/web.1@5')) await new Promise((resolve) => setTimeout(resolve, 5));
    host.interrupt();
    expect(await ended).toBe(0);
  });
});

test('top shows the busiest first, and nodes before all', async () => {
  host.master.nodeStatistics = [NODE];
  host.master.statistics = [WEB1, WEB2, { ...WEB1, name: 'todo/api.1@5', usage: usage(2, 10e6) }];
  await run('top -n 2');
  expect(host.stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['NODE', 'n1', '', 'INSTANCE', 'todo/api.1@5', 'todo/web.1@5', '']);
  const byMemory = new FakeHost({ home });
  Object.assign(byMemory.master, { statistics: host.master.statistics });
  host = byMemory;
  await run('top --by memory -n 1');
  expect(host.stdout).toContain('todo/web.2@5');
});

test('a line of blocks has room for what it is given', () => {
  expect([sparkline([0, 1, 2, undefined, 4], 4), sparkline([0, 0], 0), sparkline([], 1)]).toEqual(['▁▃▅ █', '▁▁', '']);
  expect([condensed([1, 3, undefined, undefined, 5, undefined], 3), condensed([1, 2], 3)]).toEqual([[2, undefined, 5], [1, 2]]);
});
