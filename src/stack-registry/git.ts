import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KontenaError, messageOf } from '../model/index.js';
import { DirectoryRegistry } from './directory.js';
import { fullName, type StackName } from './names.js';
import type { Published, StackRegistry } from './registry.js';

/** How often a push is tried when others push meanwhile. */
const ATTEMPTS = 5;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A git repository laid out as the directory is; a clone of it lies in the cache and is brought up to date once per command. */
export class GitRegistry implements StackRegistry {
  readonly #url: string;
  readonly #clone: string;
  readonly #files: DirectoryRegistry;
  readonly #env: Readonly<Record<string, string | undefined>>;
  #fresh: Promise<void> | undefined;

  /** @param url as git takes it @param cache folder of all clones, absolute */
  constructor({ url, cache, env }: { readonly url: string; readonly cache: string; readonly env: Readonly<Record<string, string | undefined>> }) {
    this.#url = url;
    this.#clone = join(cache, createHash('sha256').update(url).digest('hex').slice(0, 16));
    this.#files = new DirectoryRegistry(this.#clone);
    this.#env = { ...env, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
  }

  async push(stack: Published): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#update();
      await this.#files.push(stack);
      await this.#must('add', '--all');
      if ((await this.#git('diff', '--cached', '--quiet')).code === 0) return;
      await this.#must(...(await this.#author()), 'commit', '--quiet', '--message', `Publish ${fullName(stack.name)}:${stack.version}`);
      const pushed = await this.#git('push', '--quiet', 'origin', `HEAD:refs/heads/${await this.#branch()}`);
      if (pushed.code === 0) return;
      if (attempt === ATTEMPTS || !/rejected|failed to push|cannot lock ref/.test(pushed.err)) throw this.#failed('push', pushed);
    }
  }

  async pull(name: StackName, version: string | undefined): Promise<Published | undefined> {
    await this.#ready();
    return this.#files.pull(name, version);
  }

  async versions(name: StackName): Promise<readonly string[]> {
    await this.#ready();
    return this.#files.versions(name);
  }

  async search(text: string): Promise<readonly StackName[]> {
    await this.#ready();
    return this.#files.search(text);
  }

  #ready(): Promise<void> {
    return (this.#fresh ??= this.#update());
  }

  /** Makes the clone what the repository is; what was never pushed is lost with that. */
  async #update(): Promise<void> {
    if (await isThere(join(this.#clone, '.git'))) await this.#must('fetch', '--quiet', '--prune', 'origin');
    else {
      await mkdir(this.#clone, { recursive: true });
      await this.#must('clone', '--quiet', '--', this.#url, '.');
    }
    const branch = await this.#branch();
    const known = await this.#git('rev-parse', '--verify', '--quiet', `refs/remotes/origin/${branch}`);
    if (known.code === 0) await this.#must('reset', '--quiet', '--hard', `refs/remotes/origin/${branch}`);
    else await this.#forget();
    await this.#must('clean', '--quiet', '--force', '-d');
  }

  /** Nobody has pushed anything yet: what lies here is of a push that failed. */
  async #forget(): Promise<void> {
    await this.#git('update-ref', '-d', 'HEAD');
    await this.#must('read-tree', '--empty');
  }

  /** The branch that the clone began with: the repository's own. */
  async #branch(): Promise<string> {
    return (await this.#must('symbolic-ref', '--short', 'HEAD')).trim();
  }

  /** Who commits, where git does not know. */
  async #author(): Promise<readonly string[]> {
    const known = await this.#git('config', '--get', 'user.email');
    return known.code === 0 ? [] : ['-c', 'user.name=kontenactl', '-c', 'user.email=kontenactl@localhost'];
  }

  async #must(...args: readonly string[]): Promise<string> {
    const ended = await this.#git(...args);
    if (ended.code === 0) return ended.out;
    throw this.#failed(args.find((word) => /^[a-z]/.test(word) && !word.includes('=')) ?? '', ended);
  }

  #failed(doing: string, { err, code }: Ended): KontenaError {
    const why = err.trim().split('\n').map((line) => line.replace(/^(fatal|error): /, '')).join('; ');
    return new KontenaError('KON_REGISTRY_FAILED', `the stack registry ${this.#url} cannot be used: git ${doing}: ${why === '' ? `exit code ${String(code)}` : why}`);
  }

  #git(...args: readonly string[]): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const program = spawn('git', args, { cwd: this.#clone, env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
      let [out, err] = ['', ''];
      program.stdout.setEncoding('utf8').on('data', (piece: string) => (out += piece));
      program.stderr.setEncoding('utf8').on('data', (piece: string) => (err += piece));
      program.once('error', (cause) => reject(new KontenaError('KON_REGISTRY_FAILED', `the stack registry ${this.#url} needs the program git: ${messageOf(cause)}`, { cause })));
      program.once('close', (code) => resolve({ code: code ?? 1, out, err }));
    });
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
