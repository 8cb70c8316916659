import type { Held, Traffic } from '../model/index.js';
import type { KernelFiles } from './kernel-files.js';

const ROOT = 'sys/fs/cgroup';
/** `user.slice/user-1000.slice/user@1000.service/user.slice/docker-….scope` is the deepest that engines make. */
const DEPTH = 6;

/** What a control group counts, but for its network. */
export interface GroupCounts extends Pick<Held, 'memoryBytes'> {
  readonly cpuSeconds: number;
  /** Undefined without a limit. */
  readonly memoryLimitBytes: number | undefined;
  readonly disk: Traffic;
  /** A program in it; undefined when there is none any more. */
  readonly pid: number | undefined;
}

/** The control groups of containers, of version 1 or 2: where each lies, and what it counts. */
export class Cgroups {
  readonly #files: KernelFiles;
  readonly #read: (files: KernelFiles, group: string) => GroupCounts | undefined;
  /** A folder that has every group: the only one, or that of one controller. */
  readonly #tree: string;
  /** Where groups of containers were found, and how they are called there. */
  readonly #homes: ((id: string) => string)[] = [(id) => `docker/${id}`, (id) => `system.slice/docker-${id}.scope`];
  /** One was found: an engine keeps all in one place, so that what is not there is nowhere. */
  #isKnown = false;

  constructor(files: KernelFiles) {
    this.#files = files;
    const isSecond = files.text(`${ROOT}/cgroup.controllers`) !== undefined;
    this.#tree = isSecond ? ROOT : `${ROOT}/memory`;
    this.#read = isSecond ? readSecond : readFirst;
  }

  /** Undefined for a container that does not run. */
  counts(id: string): GroupCounts | undefined {
    for (const home of this.#homes) {
      const found = this.#read(this.#files, home(id));
      if (found === undefined) continue;
      this.#isKnown = true;
      return found;
    }
    return this.#isKnown ? undefined : this.#seek(id);
  }

  /** The first of an engine whose groups lie elsewhere shows where the others do. */
  #seek(id: string): GroupCounts | undefined {
    const path = this.#pathOf(id, '', DEPTH);
    if (path === undefined) return undefined;
    this.#homes.push((other) => path.replace(id, other));
    this.#isKnown = true;
    return this.#read(this.#files, path);
  }

  #pathOf(id: string, within: string, depth: number): string | undefined {
    const folders = this.#files.folders(`${this.#tree}/${within}`);
    const found = folders.find((name) => name === id || name === `docker-${id}.scope`);
    if (found !== undefined) return `${within}${found}`;
    if (depth === 0) return undefined;
    for (const name of folders) {
      const below = this.#pathOf(id, `${within}${name}/`, depth - 1);
      if (below !== undefined) return below;
    }
    return undefined;
  }
}

/** Version 2: one folder. */
function readSecond(files: KernelFiles, group: string): GroupCounts | undefined {
  const at = `${ROOT}/${group}`;
  const cpuMicros = files.field(`${at}/cpu.stat`, 'usage_usec');
  if (cpuMicros === undefined) return undefined;
  return {
    cpuSeconds: cpuMicros / 1e6,
    memoryBytes: held(files.number(`${at}/memory.current`), files.field(`${at}/memory.stat`, 'inactive_file')),
    memoryLimitBytes: files.number(`${at}/memory.max`),
    disk: second(files.text(`${at}/io.stat`)),
    pid: files.number(`${at}/cgroup.procs`),
  };
}

/** Version 1: a folder for each controller. */
function readFirst(files: KernelFiles, group: string): GroupCounts | undefined {
  const at = (controller: string, file: string): string => `${ROOT}/${controller}/${group}/${file}`;
  const cpuNanos = files.number(at('cpuacct', 'cpuacct.usage'));
  if (cpuNanos === undefined) return undefined;
  const limit = files.number(at('memory', 'memory.limit_in_bytes'));
  return {
    cpuSeconds: cpuNanos / 1e9,
    memoryBytes: held(files.number(at('memory', 'memory.usage_in_bytes')), files.field(at('memory', 'memory.stat'), 'total_inactive_file')),
    memoryLimitBytes: limit === undefined || limit > UNLIMITED ? undefined : limit,
    disk: first(files.text(at('blkio', 'blkio.throttle.io_service_bytes'))),
    pid: files.number(at('cpuacct', 'cgroup.procs')),
  };
}

/** Version 1 says no limit with the largest number it has. */
const UNLIMITED = 2 ** 60;

const held = (all = 0, unusedFiles = 0): number => Math.max(0, all - unusedFiles);

/** `8:0 rbytes=1 wbytes=2 rios=3 …`, a line for each disk. */
const second = (text = ''): Traffic => ({ in: sum(text, /rbytes=(\d+)/g), out: sum(text, /wbytes=(\d+)/g) });

/** `8:0 Read 1`, a line for each disk and way. */
const first = (text = ''): Traffic => ({ in: sum(text, /^\d+:\d+ Read (\d+)$/gm), out: sum(text, /^\d+:\d+ Write (\d+)$/gm) });

const sum = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].reduce((total, [, number]) => total + Number(number), 0);
