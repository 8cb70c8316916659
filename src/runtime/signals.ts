import { readFile } from 'node:fs/promises';
import type Docker from 'dockerode';
import { codeOf, type Signal } from '../model/index.js';

/** A program inside a container, as the engine and the machine know it. */
export interface Target {
  readonly container: Docker.Container;
  /** On this machine. */
  readonly pid: number;
}

/**
 * Sends a signal to a program inside a container and to all that it began, as a terminal does: the engine has no call for
 * that. Where this process may not do so itself, the container's own `kill` does. What has ended hears nothing.
 */
export async function signalProgram({ container, pid }: Target, signal: Signal): Promise<void> {
  try {
    process.kill(-pid, `SIG${signal}`);
  } catch (error) {
    if (codeOf(error) === 'EPERM') await signalFromInside({ container, pid }, signal);
    else if (codeOf(error) !== 'ESRCH') throw error;
  }
}

async function signalFromInside({ container, pid }: Target, signal: Signal): Promise<void> {
  const inside = await pidInside(pid);
  if (inside === undefined) return;
  const exec = await container.exec({ Cmd: ['kill', '-s', signal, '--', `-${inside}`], User: '0' });
  const stream = await exec.start({ Detach: true });
  stream.resume();
}

/** Whether a program of this machine is still there. */
export function isThere(pid: number): boolean {
  if (pid === 0) return false; // would be this process itself
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** The number by which the program is known inside its container. */
async function pidInside(pid: number): Promise<string | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return /^NSpid:.*?(\d+)$/m.exec(status)?.[1];
}
