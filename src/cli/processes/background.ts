import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KontenaError, messageOf } from '../../model/index.js';

/** A program that runs in the background, known by the data directory in its arguments. */
export interface Background {
  /** `master` or the node's name. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Value of `--data`: no two programs share one. */
  readonly data: string;
  readonly log: string;
  readonly pidFile: string;
  readonly env?: Readonly<Record<string, string>>;
}

const PROC = '/proc';
/** How long a program may take to close its files and connections before it is killed. */
const STOP_LIMIT_MS = 15_000;
const LOOK_EVERY_MS = 50;
/** Lines of its log shown when a program ends by itself. */
const LAST_LINES = 15;

/** A program of ours that runs. */
export interface RunningProgram {
  readonly pid: number;
  /** Value of `--data`. */
  readonly data: string;
  /** The value of an argument that it was started with. */
  readonly option: (name: string) => string | undefined;
}

/** The process that runs on this data directory; undefined when there is none. The pid file is a hint, the arguments are the truth. */
export async function findRunning({ data, pidFile }: Pick<Background, 'data' | 'pidFile'>): Promise<number | undefined> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  if (Number.isInteger(pid) && pid > 0 && (await runsOn(pid, data))) return pid;
  return (await runningPrograms()).find((program) => program.data === data)?.pid;
}

/** The programs whose data directories lie in a folder. */
export const programsIn = async (folder: string): Promise<readonly RunningProgram[]> => (await runningPrograms()).filter(({ data }) => dirname(data) === folder);

/** Every program of ours on this machine; none without /proc. */
async function runningPrograms(): Promise<readonly RunningProgram[]> {
  const names = existsSync(PROC) ? await readdir(PROC) : [];
  const found = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => programAt(Number(name))));
  return found.filter((program) => program !== undefined);
}

/** Undefined when that process is none of ours. */
async function programAt(pid: number): Promise<RunningProgram | undefined> {
  const words = (await readFile(`${PROC}/${String(pid)}/cmdline`, 'utf8').catch(() => '')).split('\0');
  const isProgram = words.some((word) => /(^|\/)(master|agent)\.mjs$/.test(word)) || words.includes('start');
  const option = (name: string): string | undefined => {
    const at = words.findIndex((word) => word === name || word.startsWith(`${name}=`));
    return words[at] === name ? words[at + 1] : words[at]?.slice(name.length + 1);
  };
  const data = option('--data');
  return isProgram && data !== undefined ? { pid, data, option } : undefined;
}

/** Whether a process is a program of ours with `--data DIR`. Without /proc the pid file has to be believed. */
async function runsOn(pid: number, data: string): Promise<boolean> {
  return existsSync(PROC) ? (await programAt(pid))?.data === data : isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Starts a program of its own, which outlives this process; its output goes to the log file. Its data directory is there from the beginning. Returns its pid. */
export async function startBackground({ name, program, args, data, log, pidFile, env = {} }: Background): Promise<number> {
  await mkdir(data, { recursive: true, mode: 0o700 });
  let output: number;
  try {
    output = openSync(log, 'a', 0o600);
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `the log ${log} of ${name} cannot be written: ${messageOf(error)}`, { cause: error });
  }
  const child = spawn(process.execPath, [program, ...args], { detached: true, stdio: ['ignore', output, output], env: { ...process.env, ...env }, cwd: '/' });
  closeSync(output);
  const { pid } = child;
  if (pid === undefined) throw new KontenaError('KON_PROGRAM_ENDED', `${name} could not be started`);
  child.unref();
  await writeFile(pidFile, `${String(pid)}\n`);
  return pid;
}

/** Ends a program: asks, waits, kills. Returns whether there was one. */
export async function stopBackground(background: Pick<Background, 'data' | 'pidFile'>): Promise<boolean> {
  const pid = await findRunning(background);
  if (pid !== undefined) {
    signal(pid, 'SIGTERM');
    const deadline = performance.now() + STOP_LIMIT_MS;
    while (await runsOn(pid, background.data)) {
      if (performance.now() > deadline) signal(pid, 'SIGKILL');
      await sleep(LOOK_EVERY_MS);
    }
  }
  await rm(background.pidFile, { force: true });
  return pid !== undefined;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it ended meanwhile, which is what was wanted
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** What a program that ended by itself said last. */
export function endedError(name: string, log: string): KontenaError {
  const text = existsSync(log) ? readFileSync(log, 'utf8').trimEnd() : '';
  const lines = text === '' ? '' : `:\n${text.split('\n').slice(-LAST_LINES).map((line) => `  | ${line}`).join('\n')}`;
  return new KontenaError('KON_PROGRAM_ENDED', `${name} ended by itself${lines}\nlog: ${log}`);
}
