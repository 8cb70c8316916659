import { readFile } from 'node:fs/promises';

/**
 * Kills what an engine runs inside a container, with all it started: the engine itself has no way to. The engine's pids are
 * this machine's only where it runs here, and a pid may be another's by now; so its control group must name the container.
 */
export async function killInside(pid: number, container: string): Promise<void> {
  if (pid <= 0) return;
  try {
    const groups = await readFile(`/proc/${String(pid)}/cgroup`, 'utf8');
    if (groups.includes(container)) process.kill(-pid, 'SIGKILL'); // a command inside a container leads a group of its own
  } catch {
    // it has ended, or is not ours to see
  }
}
