import { statfs } from 'node:fs/promises';
import type { NodeReading, Reading } from '../model/index.js';
import type { KernelCounts } from '../ports/index.js';
import { Cgroups } from './cgroups.js';
import { isNotLoopback, trafficIn } from './interfaces.js';
import { KernelFiles } from './kernel-files.js';
import { type DiskUse, machineReading } from './machine.js';

export interface LinuxCountsOptions {
  /** Where the engine keeps its data; undefined until that is known. */
  readonly dataFolder: () => string | undefined;
  /** Where the kernel's files are; `/` but in tests. */
  readonly root?: string;
}

/** What the kernel of this machine counts. Containers are found by the names of their control groups: the engine is not asked. */
export function linuxCounts({ dataFolder, root = '/' }: LinuxCountsOptions): KernelCounts {
  const files = new KernelFiles(root);
  const cgroups = new Cgroups(files);
  return {
    machine: async () => machineReading(files, await diskUse(dataFolder())),
    container: (id, machine) => {
      const counts = cgroups.counts(id);
      return counts === undefined ? undefined : containerReading(files, counts, machine);
    },
  };
}

function containerReading(files: KernelFiles, { pid, memoryLimitBytes, ...counts }: NonNullable<ReturnType<Cgroups['counts']>>, machine: NodeReading): Reading {
  const network = pid === undefined || isOnOwnNetwork(files, pid) ? undefined : files.text(`proc/${pid}/net/dev`);
  return {
    ...counts,
    memoryLimitBytes: Math.min(memoryLimitBytes ?? Infinity, machine.memoryLimitBytes),
    ...(network === undefined ? {} : { network: trafficIn(network, isNotLoopback) }),
  };
}

/** Whether a program is on the same network as this one. */
const isOnOwnNetwork = (files: KernelFiles, pid: number): boolean => files.link(`proc/${pid}/ns/net`) === files.link('proc/self/ns/net');

const UNKNOWN: DiskUse = { diskBytes: 0, diskUsedBytes: 0 };

/** Nothing where it cannot be told. What is kept for root counts as neither used nor there. */
async function diskUse(folder: string | undefined): Promise<DiskUse> {
  if (folder === undefined) return UNKNOWN;
  const { bsize, blocks, bfree, bavail } = await statfs(folder).catch(() => ({ bsize: 0, blocks: 0, bfree: 0, bavail: 0 }));
  return { diskBytes: (blocks - bfree + bavail) * bsize, diskUsedBytes: (blocks - bfree) * bsize };
}
