import { readFileSync } from 'node:fs';
import { sleep } from '../docker/harness/index.js';

const TICKS_PER_SECOND = 100;

export interface ProcessUsage {
  /** Resident memory in MB (2^20 bytes). */
  readonly megabytes: number;
  /** Of one core. */
  readonly percent: number;
}

/** What a process uses over so many seconds. */
export async function usageOf(pid: number, overSeconds: number): Promise<ProcessUsage> {
  const ticks = (): number => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = ticks();
  await sleep(overSeconds * 1000);
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
  return { megabytes: kilobytes / 1024, percent: ((ticks() - before) / TICKS_PER_SECOND / overSeconds) * 100 };
}
