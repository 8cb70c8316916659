import { readdirSync, readFileSync } from 'node:fs';
import { sleep } from './shell.js';

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly commandLine: string;
}

/** Field 22 of /proc/PID/stat: the moment a process started, which tells it from a later one with the same number. */
export function startedAt(pid: number): string | undefined {
  return stat(pid)?.[19];
}

/** The fields of /proc/PID/stat from the third on: the second, a name in parentheses, may hold anything. */
function stat(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function processes(): readonly Process[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.flatMap((pid) => {
    const fields = stat(pid);
    if (fields === undefined || fields[0] === 'Z') return [];
    try {
      return [{ pid, parent: Number(fields[1]), commandLine: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') }];
    } catch {
      return [];
    }
  });
}

/** Processes whose command line holds `text`, without those that are about to become another program and still bear their parent's. */
export function processesWith(text: string): readonly Process[] {
  const found = processes().filter(({ pid, commandLine }) => pid !== process.pid && commandLine.includes(text));
  return found.filter(({ parent, commandLine }) => !found.some((other) => other.pid === parent && other.commandLine === commandLine));
}

/** Kills every process whose command line holds `text`, and all that descend from them. */
export async function killAllWith(text: string): Promise<void> {
  for (let round = 0; round < 50; round++) {
    const all = processes();
    const doomed = new Set(all.filter(({ pid, commandLine }) => pid !== process.pid && commandLine.includes(text)).map(({ pid }) => pid));
    if (doomed.size === 0) return;
    for (let before = 0; before !== doomed.size; ) {
      before = doomed.size;
      for (const { pid, parent } of all) if (doomed.has(parent)) doomed.add(pid);
    }
    doomed.forEach((pid) => signal(pid, 'SIGKILL'));
    await sleep(100);
  }
}

/** Sends a signal; a process that is gone already is no fault. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
