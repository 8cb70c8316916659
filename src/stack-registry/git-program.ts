import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { KontenaError } from '../model/index.js';
import { gitFailure, type Ended } from './git-failures.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What git tells the hooks it runs of the repository at hand: taken over from one, our commands would work on that repository. */
const OF_ANOTHER_REPOSITORY = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_COMMON_DIR', 'GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_QUARANTINE_PATH', 'GIT_NAMESPACE'];

/** To connect, and to stay silent once connected. */
const [CONNECT_SECONDS, SILENT_SECONDS] = [15, 20];

/** Nobody is asked anything, and whoever does not answer is given up. */
const SSH_OPTIONS = `-o BatchMode=yes -o ConnectTimeout=${String(CONNECT_SECONDS)} -o ServerAliveInterval=${String(SILENT_SECONDS)} -o ServerAliveCountMax=1`;

/** What is a link in a repository becomes a file that holds where it led: nobody who may push makes us write or read elsewhere. */
const NO_LINKS = ['-c', 'core.symlinks=false'];

/** More than git says of its own accord; a server may have it say what it likes. */
const MOST_CHARACTERS = 64 * 1024;

const added = (said: string, piece: string): string => (said.length < MOST_CHARACTERS ? said + piece : said);

interface Clone {
  /** As git takes it. */
  readonly url: string;
  /** Absolute. */
  readonly folder: string;
  readonly env: Environment;
  /** How long one command may take. */
  readonly limitMs: number;
}

/** The program git with one clone: it never asks, never waits for ever, and speaks English. */
export class GitProgram {
  readonly #clone: Clone;
  #env: Promise<Environment> | undefined;

  constructor(clone: Clone) {
    this.#clone = clone;
  }

  /** Clones the repository into the folder, which is there and empty. @throws KontenaError */
  async clone(): Promise<void> {
    const ended = await this.#run(await this.#environment(), ['clone', '--quiet', '--', this.#clone.url, '.']);
    if (ended.code !== 0) throw this.failure('clone', ended);
  }

  /** Runs a command in the clone, and never in a repository around it. */
  async run(...args: readonly string[]): Promise<Ended> {
    const { folder } = this.#clone;
    return this.#run({ ...(await this.#environment()), GIT_DIR: `${folder}/.git`, GIT_WORK_TREE: folder }, args);
  }

  /** What a command that must succeed printed. @throws KontenaError */
  async must(...args: readonly string[]): Promise<string> {
    const ended = await this.run(...args);
    if (ended.code === 0) return ended.out;
    throw this.failure(args.find((word) => /^[a-z]/.test(word) && !word.includes('=')) ?? '', ended);
  }

  failure(doing: string, ended: Ended): KontenaError {
    return gitFailure(this.#clone.url, doing, ended);
  }

  #environment(): Promise<Environment> {
    const { env } = this.#clone;
    const own = Object.fromEntries(Object.entries(env).filter(([name]) => !OF_ANOTHER_REPOSITORY.includes(name)));
    const plain = { GIT_HTTP_LOW_SPEED_LIMIT: '1', GIT_HTTP_LOW_SPEED_TIME: String(SILENT_SECONDS), ...own, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
    return (this.#env ??= this.#withPatientSsh(plain));
  }

  /** The user's own ssh, with our options where it is OpenSSH. */
  async #withPatientSsh(env: Environment): Promise<Environment> {
    if (env.GIT_SSH_COMMAND === undefined && env.GIT_SSH !== undefined) return env;
    const command = env.GIT_SSH_COMMAND ?? ((await this.#run(env, ['config', '--get', 'core.sshCommand'])).out.trim() || 'ssh');
    return { ...env, GIT_SSH_COMMAND: basename(command.trim().split(/\s/)[0] ?? '') === 'ssh' ? `${command} ${SSH_OPTIONS}` : command };
  }

  #run(env: Environment, args: readonly string[]): Promise<Ended> {
    const { folder, limitMs } = this.#clone;
    return new Promise((resolve, reject) => {
      const program = spawn('git', [...NO_LINKS, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let [out, err] = ['', ''];
      const late = setTimeout(() => {
        program.kill();
        for (const pipe of [program.stdout, program.stderr]) pipe.destroy(); // what git started may hold them open
        resolve({ code: 1, out, err: `no answer within ${String(limitMs / 1000)} s` });
      }, limitMs);
      program.stdout.setEncoding('utf8').on('data', (piece: string) => (out = added(out, piece)));
      program.stderr.setEncoding('utf8').on('data', (piece: string) => (err = added(err, piece)));
      program.once('error', (cause) => {
        clearTimeout(late);
        reject(new KontenaError('KON_REGISTRY_FAILED', `a stack registry in git needs the program git: ${cause.message}`, { cause }));
      });
      program.once('close', (code) => {
        clearTimeout(late);
        resolve({ code: code ?? 1, out, err });
      });
    });
  }
}
