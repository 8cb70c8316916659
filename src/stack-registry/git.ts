import { createHash } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DirectoryRegistry } from './directory.js';
import { withoutSecrets } from './git-failures.js';
import { GitProgram, type Environment } from './git-program.js';
import { Lock } from './lock.js';
import { fullName, type StackName } from './names.js';
import type { Describe, Listed, Published, ReadFile, StackRegistry } from './registry.js';

/** How often a push is tried when others push meanwhile. */
const ATTEMPTS = 5;

interface Repository {
  /** As git takes it. */
  readonly url: string;
  /** Folder of all clones, absolute. */
  readonly cache: string;
  readonly env: Environment;
  readonly describe: Describe;
  readonly readFile: ReadFile;
  /** How long one command of git may take. */
  readonly limitMs: number;
}

/** A git repository laid out as the directory is; a clone of it lies in the cache and is brought up to date once per command. */
export class GitRegistry implements StackRegistry {
  readonly address: string;
  readonly #clone: string;
  readonly #files: DirectoryRegistry;
  readonly #git: GitProgram;
  readonly #lock: Lock;
  #fresh: Promise<void> | undefined;

  constructor({ url, cache, env, describe, readFile, limitMs }: Repository) {
    this.address = withoutSecrets(url);
    this.#clone = join(cache, createHash('sha256').update(url).digest('hex').slice(0, 16));
    this.#files = new DirectoryRegistry(this.#clone, { describe, readFile });
    this.#git = new GitProgram({ url, folder: this.#clone, env, limitMs });
    this.#lock = new Lock(`${this.#clone}.lock`);
  }

  async push(stack: Published): Promise<void> {
    await this.#alone(() => this.#push(stack));
  }

  /** Does some work on the clone while no other process does. */
  async #alone(work: () => Promise<void>): Promise<void> {
    await mkdir(dirname(this.#clone), { recursive: true, mode: 0o700 }); // an address may hold a password, and so may a clone
    await this.#lock.hold(work);
  }

  async #push(stack: Published): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#update();
      await this.#files.push(stack);
      await this.#git.must('add', '--all');
      if ((await this.#git.run('diff', '--cached', '--quiet')).code === 0) return;
      await this.#git.must(...(await this.#author()), 'commit', '--quiet', '--message', `Publish ${fullName(stack.name)}:${stack.version}`);
      const pushed = await this.#git.run('push', '--quiet', 'origin', `HEAD:refs/heads/${await this.#branch()}`);
      if (pushed.code === 0) return;
      if (attempt === ATTEMPTS || !/fetch first|non-fast-forward|cannot lock ref|failed to update ref/.test(pushed.err)) throw this.#git.failure('push', pushed);
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

  async names(): Promise<readonly StackName[]> {
    await this.#ready();
    return this.#files.names();
  }

  async summary(name: StackName): Promise<Listed | undefined> {
    await this.#ready();
    return this.#files.summary(name);
  }

  #ready(): Promise<void> {
    return (this.#fresh ??= this.#alone(() => this.#update()));
  }

  /** Makes the clone what the repository is; what was never pushed is lost with that. A clone that is damaged is made anew. */
  async #update(): Promise<void> {
    if (!(await isThere(join(this.#clone, '.git')))) return this.#begin();
    const fetched = await this.#git.run('fetch', '--quiet', '--prune', 'origin');
    const failure = fetched.code === 0 ? undefined : this.#git.failure('fetch', fetched);
    if (failure !== undefined && failure.code !== 'KON_REGISTRY_FAILED') throw failure;
    if (failure === undefined && (await this.#align())) return undefined;
    return this.#begin();
  }

  async #begin(): Promise<void> {
    await rm(this.#clone, { recursive: true, force: true });
    await mkdir(this.#clone, { mode: 0o700 });
    await this.#git.clone();
    await this.#align();
  }

  /** Puts the files where the branch of the repository is. Returns whether that could be done. */
  async #align(): Promise<boolean> {
    const branch = await this.#branch();
    const known = await this.#git.run('rev-parse', '--verify', '--quiet', `refs/remotes/origin/${branch}`);
    if (known.code !== 0) {
      // Nobody has pushed anything yet: what lies here is of a push that failed.
      await this.#git.run('update-ref', '-d', 'HEAD');
      await this.#git.must('read-tree', '--empty');
    } else if ((await this.#git.run('reset', '--quiet', '--hard', `refs/remotes/origin/${branch}`)).code !== 0) return false;
    return (await this.#git.run('clean', '--quiet', '--force', '-d')).code === 0;
  }

  /** The branch that the clone began with: the repository's own. */
  async #branch(): Promise<string> {
    return (await this.#git.must('symbolic-ref', '--short', 'HEAD')).trim();
  }

  /** Who commits, where git does not know. */
  async #author(): Promise<readonly string[]> {
    const known = await this.#git.run('config', '--get', 'user.email');
    return known.code === 0 ? [] : ['-c', 'user.name=kontenactl', '-c', 'user.email=kontenactl@localhost'];
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
