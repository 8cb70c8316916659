import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceFile } from '../files/index.js';
import { codeOf, KontenaError, messageOf } from '../model/index.js';
import { fullName, isWord, newest, newestFirst, type StackName } from './names.js';
import type { Describe, Listed, Published, ReadFile, StackRegistry } from './registry.js';

/** Name of the stack file in the folder of its version. */
const FILE = 'kontena.yml';
/** A folder of stacks is there to be read by all who reach it. */
const SHARED = 0o644;

/** A folder that holds `user/stack/version/kontena.yml`. */
export class DirectoryRegistry implements StackRegistry {
  readonly address: string;
  readonly #root: string;
  readonly #describe: Describe;
  readonly #readFile: ReadFile;

  /** @param root absolute path */
  constructor(root: string, { describe, readFile }: { readonly describe: Describe; readonly readFile: ReadFile }) {
    this.address = root;
    this.#root = root;
    this.#describe = describe;
    this.#readFile = readFile;
  }

  async push({ name, version, text }: Published): Promise<void> {
    const path = this.#path(name, version);
    const there = await this.#read(path);
    if (there === text) return;
    if (there !== undefined) throw taken(name, version);
    try {
      await mkdir(dirname(path), { recursive: true });
      await replaceFile(path, text, { mode: SHARED });
    } catch (error) {
      throw failed(this.#root, error);
    }
  }

  async pull(name: StackName, wanted: string | undefined): Promise<Published | undefined> {
    const version = wanted ?? newest(await this.versions(name));
    if (version === undefined) return undefined;
    const text = await this.#read(this.#path(name, version));
    return text === undefined ? undefined : { name, version, text };
  }

  async versions({ user, stack }: StackName): Promise<readonly string[]> {
    return newestFirst(await this.#folders(user, stack));
  }

  async names(): Promise<readonly StackName[]> {
    const found: StackName[] = [];
    for (const user of (await this.#folders()).sort()) for (const stack of (await this.#folders(user)).sort()) found.push({ user, stack });
    return found;
  }

  async summary(name: StackName): Promise<Listed | undefined> {
    const found = await this.pull(name, undefined);
    return found === undefined ? undefined : { name, version: found.version, description: await this.#describe(found.text) };
  }

  #path({ user, stack }: StackName, version: string): string {
    return join(this.#root, user, stack, version, FILE);
  }

  async #folders(...path: readonly string[]): Promise<string[]> {
    try {
      const entries = await readdir(join(this.#root, ...path), { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory() && isWord(entry.name)).map(({ name }) => name);
    } catch (error) {
      if (isMissing(error) && (path.length > 0 || codeOf(error) === 'ENOENT')) return []; // the root may come with the first push, but is no file
      throw failed(this.#root, error);
    }
  }

  /** What others put here may be a link, or anything. */
  async #read(path: string): Promise<string | undefined> {
    try {
      return await this.#readFile(path, [this.#root]);
    } catch (error) {
      throw failed(this.#root, error);
    }
  }
}

/** The refusal to change what others may have installed. */
export const taken = (name: StackName, version: string): KontenaError =>
  new KontenaError('KON_CONFLICT', `${fullName(name)}:${version} is in the stack registry already, with another text: raise version in the stack file`);

const failed = (root: string, cause: unknown): KontenaError => new KontenaError('KON_REGISTRY_FAILED', `the stack registry ${root} cannot be used: ${messageOf(cause)}`, { cause });

const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
