import { readlink, rm, symlink } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { codeOf, KontenaError, messageOf } from '../model/index.js';

const LOOK_EVERY_MS = 50;

/** A link that one process at a time may make, to its own number: whoever finds it waits, unless that process is gone. */
export class Lock {
  readonly #path: string;

  /** @param path absolute; its folder is there */
  constructor(path: string) {
    this.#path = path;
  }

  /** Does some work while nobody else does. @throws KontenaError KON_REGISTRY_FAILED when the link cannot be made */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    while (!(await this.#take())) await wait(LOOK_EVERY_MS);
    try {
      return await work();
    } finally {
      await rm(this.#path, { force: true });
    }
  }

  async #take(): Promise<boolean> {
    try {
      await symlink(String(process.pid), this.#path); // made whole or not at all, unlike a file with something in it
      return true;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') {
        throw new KontenaError('KON_REGISTRY_FAILED', `the clone of a stack registry cannot be kept: ${messageOf(error)}`, { cause: error });
      }
    }
    const holder = await readlink(this.#path).catch(() => undefined);
    if (holder !== undefined && !isAlive(Number(holder))) await rm(this.#path, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
