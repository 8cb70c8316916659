import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { KernelCounts } from '../ports/index.js';
import { linuxCounts } from './index.js';

const ID = 'a'.repeat(64);

let root: string;
let counts: KernelCounts;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kernel-'));
  write('proc/stat', 'cpu  100 20 30 9000 500 4 6 40 0 0\ncpu0 50 10 15 4500 250 2 3 20 0 0\ncpu1 50 10 15 4500 250 2 3 20 0 0\nintr 1\n');
  write('proc/meminfo', 'MemTotal:        1000 kB\nMemFree:          100 kB\nMemAvailable:     600 kB\n');
  write('proc/loadavg', '0.50 0.25 1.00 2/345 6789\n');
  write('proc/net/dev', dev('    lo: 9 0 0 0 0 0 0 0 9 0 0 0 0 0 0 0\n  eth0: 100 1 0 0 0 0 0 0 200 1 0 0 0 0 0 0\n  kb-1: 7 0 0 0 0 0 0 0 7 0 0 0 0 0 0 0\n ens5:30 1 0 0 0 0 0 0 40 1 0 0 0 0 0 0\n'));
  write('proc/diskstats', ' 254 0 vda 5 0 10 0 6 0 20 0 0 0 0\n 254 1 vda1 5 0 10 0 6 0 20 0 0 0 0\n 7 0 loop0 5 0 10 0 6 0 20 0 0 0 0\n');
  mkdirSync(join(root, 'sys/block/vda/device'), { recursive: true });
  mkdirSync(join(root, 'sys/block/loop0'), { recursive: true });
  mkdirSync(join(root, 'proc/self/ns'), { recursive: true });
  symlinkSync('net:[1]', join(root, 'proc/self/ns/net'));
  counts = linuxCounts({ root, dataFolder: () => root });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const dev = (lines: string): string => `Inter-|   Receive  |  Transmit\n face |bytes |bytes\n${lines}`;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A program of a container, on a network of its own unless said otherwise. */
function program(pid: number, network = 'net:[2]'): void {
  write(`proc/${String(pid)}/net/dev`, dev('    lo: 9 0 0 0 0 0 0 0 9 0 0 0 0 0 0 0\n  eth0: 11 1 0 0 0 0 0 0 22 1 0 0 0 0 0 0\n  eth1: 1 1 0 0 0 0 0 0 2 1 0 0 0 0 0 0\n'));
  mkdirSync(join(root, `proc/${String(pid)}/ns`), { recursive: true });
  symlinkSync(network, join(root, `proc/${String(pid)}/ns/net`));
}

function second(group: string, memoryMax = 'max'): void {
  write('sys/fs/cgroup/cgroup.controllers', 'cpu io memory\n');
  write(`sys/fs/cgroup/${group}/cpu.stat`, 'usage_usec 2500000\nuser_usec 1\n');
  write(`sys/fs/cgroup/${group}/memory.current`, '5000\n');
  write(`sys/fs/cgroup/${group}/memory.stat`, 'anon 1\nworkingset_inactive_file 9\ninactive_file 1500\nactive_file 2\n');
  write(`sys/fs/cgroup/${group}/memory.max`, `${memoryMax}\n`);
  write(`sys/fs/cgroup/${group}/io.stat`, '8:0 rbytes=100 wbytes=200 rios=1 wios=2 dbytes=0 dios=0\n8:16 rbytes=1 wbytes=2 rios=1 wios=2\n');
  write(`sys/fs/cgroup/${group}/cgroup.procs`, '42\n43\n');
}

function first(group: string, limit = '9223372036854771712'): void {
  write(`sys/fs/cgroup/cpuacct/${group}/cpuacct.usage`, '2500000000\n');
  write(`sys/fs/cgroup/cpuacct/${group}/cgroup.procs`, '42\n');
  write(`sys/fs/cgroup/memory/${group}/memory.usage_in_bytes`, '5000\n');
  write(`sys/fs/cgroup/memory/${group}/memory.stat`, 'inactive_file 1\ntotal_inactive_file 1500\n');
  write(`sys/fs/cgroup/memory/${group}/memory.limit_in_bytes`, `${limit}\n`);
  write(`sys/fs/cgroup/blkio/${group}/blkio.throttle.io_service_bytes`, '8:0 Read 100\n8:0 Write 200\n8:0 Total 300\n8:16 Read 1\n8:16 Write 2\nTotal 303\n');
}

const WHOLE = { cpuSeconds: 2.5, memoryBytes: 3_500, memoryLimitBytes: 1_000 * 1024, network: { in: 12, out: 24 }, disk: { in: 101, out: 202 } };

test('the machine: time that was worked, memory that cannot be had, whole disks, and interfaces to the world', async () => {
  const reading = await counts.machine();
  expect(reading).toMatchObject({ cpuSeconds: 2, cpus: 2, memoryBytes: 400 * 1024, memoryLimitBytes: 1_000 * 1024, load: [0.5, 0.25, 1], network: { in: 130, out: 240 }, disk: { in: 5_120, out: 10_240 } });
  expect(reading.diskBytes).toBeGreaterThan(reading.diskUsedBytes);
  expect(reading.diskUsedBytes).toBeGreaterThan(0);
  expect(await linuxCounts({ root, dataFolder: () => undefined }).machine()).toMatchObject({ diskBytes: 0, diskUsedBytes: 0 });
});

describe.each([['of version 2', second], ['of version 1', first]] as const)('control groups %s', (_version, make) => {
  beforeEach(() => {
    make('other');
    counts = linuxCounts({ root, dataFolder: () => root });
  });

  test.each([`docker/${ID}`, `system.slice/docker-${ID}.scope`, `user.slice/user-1000.slice/user@1000.service/user.slice/docker-${ID}.scope`, `ours/${ID}`])('are found at %s', async (group) => {
    make(group);
    program(42);
    expect(counts.container(ID, await counts.machine())).toEqual(WHOLE);
  });

  test('are found beside another that was, and not where there is none', async () => {
    make(`ours/${ID}`);
    program(42);
    const machine = await counts.machine();
    expect(counts.container('c'.repeat(64), machine)).toBeUndefined();
    expect(counts.container(ID, machine)).toBeDefined();
    make(`ours/${'b'.repeat(64)}`);
    expect([counts.container('b'.repeat(64), machine), counts.container('c'.repeat(64), machine)]).toEqual([WHOLE, undefined]);
  });

  test('may have a limit, and a container may be on the node\'s network, or have no program any more', async () => {
    const machine = await counts.machine();
    make(`docker/${ID}`, '4096');
    expect(counts.container(ID, machine)).toEqual({ cpuSeconds: 2.5, memoryBytes: 3_500, memoryLimitBytes: 4_096, disk: WHOLE.disk });
    program(42, 'net:[1]');
    expect(counts.container(ID, machine)?.network).toBeUndefined();
  });
});
