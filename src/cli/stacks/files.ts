import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { KontenaError, messageOf, type Mistake, type StackSpec } from '../../model/index.js';
import type { Host } from '../host.js';
import type { VolumeDocument } from '../../stackfile/index.js';
import type { StackReader } from './reader.js';
import type { Wish } from './wish.js';

/** A stack to be declared, and the file it stands in. */
export interface StackFile {
  readonly stack: StackSpec;
  /** Absolute path of its file in a directory of stacks; absent for a single file. */
  readonly origin?: string;
  /** What its variables write to the vault, by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly warnings: readonly Mistake[];
}

interface Wanted {
  /** A file, a directory, a name in a registry, an address, or `-` for stdin. */
  readonly path: string;
  readonly values: Readonly<Record<string, string>>;
  readonly name: string | undefined;
}

/** What files declare. */
export interface Declarations {
  readonly volumes: readonly VolumeDocument[];
  /** Each after those it depends on. */
  readonly stacks: readonly StackFile[];
}

/**
 * Everything that a file or the files of a directory declare: stacks, and volumes for them to mount.
 *
 * @throws KontenaError KON_STACK_INVALID with the mistakes of all files, KON_FILE_UNREADABLE, KON_INVALID
 */
export async function readDeclarations(host: Host, reader: StackReader, { path, values, name }: Wanted): Promise<Declarations> {
  if (path === '-') return readOne(reader, { source: 'stdin', text: await host.readInput(), name, values });
  const whole = resolve(host.directory, path);
  if (await isElsewhere(path, whole)) return { volumes: [], stacks: found(await reader.readAll({ source: path, name, values })) };
  if (!(await isDirectory(path, whole))) return readOne(reader, { source: path, name, values });
  if (name !== undefined) throw new KontenaError('KON_INVALID', `--name names one stack, and ${path} is a directory`);
  return readDirectory(reader, path, whole, values);
}

async function readOne(reader: StackReader, wish: Wish, origin?: string): Promise<Declarations> {
  const volumes = await reader.readVolumes(wish);
  return volumes === undefined ? { volumes: [], stacks: found(await reader.readAll(wish), origin) } : { volumes, stacks: [] };
}

async function readDirectory(reader: StackReader, path: string, whole: string, values: Readonly<Record<string, string>>): Promise<Declarations> {
  const names = (await readdir(whole)).filter((file) => /^[^.].*\.ya?ml$/i.test(file)).sort();
  const mistakes: Mistake[] = [];
  const volumes: VolumeDocument[] = [];
  const stacks: StackFile[] = [];
  for (const file of names) {
    try {
      const declared = await readOne(reader, { source: join(path, file), values, isFound: true }, join(whole, file));
      volumes.push(...declared.volumes);
      stacks.push(...declared.stacks);
    } catch (error) {
      if (!(error instanceof KontenaError) || error.code !== 'KON_STACK_INVALID') throw error;
      mistakes.push(...error.mistakes);
    }
  }
  if (mistakes.some(({ severity }) => severity === 'error')) throw new KontenaError('KON_STACK_INVALID', `the stack files in ${path} have mistakes`, { mistakes });
  return { volumes, stacks };
}

/** Whether a path is none here, but may be a name in a registry or an address. */
async function isElsewhere(path: string, whole: string): Promise<boolean> {
  if (path.includes('://')) return true;
  const { isStackReference } = await import('../../stack-registry/index.js');
  return isStackReference(path) && !(await stat(whole).then(() => true, () => false));
}

async function isDirectory(path: string, whole: string): Promise<boolean> {
  try {
    return (await stat(whole)).isDirectory();
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

const found = (results: Awaited<ReturnType<StackReader['readAll']>>, origin?: string): readonly StackFile[] =>
  results.map(({ stack, secrets, mistakes }) => ({ stack, secrets, warnings: mistakes, ...(origin === undefined ? {} : { origin }) }));

/** The name of a folder, as far as it may name a stack. */
export const stackNameOf = (folder: string): string => folder.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-').replace(/^-+/, '').replace(/-+$/, '') || 'my-stack';
