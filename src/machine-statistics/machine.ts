import type { NodeReading, Traffic } from '../model/index.js';
import { isToTheWorld, trafficIn } from './interfaces.js';
import type { KernelFiles } from './kernel-files.js';

/** How the kernel counts time of processors for everyone, whatever its own clock does. */
const TICKS_PER_SECOND = 100;
const SECTOR_BYTES = 512;

/** How full a file system is. */
export interface DiskUse {
  readonly diskBytes: number;
  readonly diskUsedBytes: number;
}

/** What the machine has used so far, and holds now. */
export function machineReading(files: KernelFiles, disk: DiskUse): NodeReading {
  const total = memory(files, 'MemTotal');
  return {
    ...processors(files.text('proc/stat') ?? ''),
    memoryBytes: Math.max(0, total - memory(files, 'MemAvailable')),
    memoryLimitBytes: total,
    network: trafficIn(files.text('proc/net/dev') ?? '', isToTheWorld),
    disk: disks(files),
    load: load(files.text('proc/loadavg') ?? ''),
    ...disk,
  };
}

/** `cpu  USER NICE SYSTEM IDLE IOWAIT IRQ SOFTIRQ STEAL …`, then a line for each. */
function processors(text: string): { readonly cpuSeconds: number; readonly cpus: number } {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = /^cpu +(.*)$/m.exec(text)?.[1]?.split(' ').map(Number) ?? [];
  return { cpuSeconds: (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND, cpus: [...text.matchAll(/^cpu\d+ /gm)].length };
}

/** Lines `MemTotal:  123 kB`. */
const memory = (files: KernelFiles, key: string): number => (files.field('proc/meminfo', `${key}:`) ?? 0) * 1024;

function load(text: string): NodeReading['load'] {
  const [one = 0, five = 0, fifteen = 0] = text.split(' ').slice(0, 3).map(Number);
  return [one, five, fifteen];
}

/** Of whole disks alone: parts of them, and what is built upon them, would count twice. */
function disks(files: KernelFiles): Traffic {
  const total = { in: 0, out: 0 };
  for (const line of (files.text('proc/diskstats') ?? '').split('\n')) {
    const [, , name, , , sectorsRead, , , , sectorsWritten] = line.trim().split(/\s+/);
    if (name === undefined || !files.has(`sys/block/${name}/device`)) continue;
    total.in += Number(sectorsRead) * SECTOR_BYTES;
    total.out += Number(sectorsWritten) * SECTOR_BYTES;
  }
  return total;
}
