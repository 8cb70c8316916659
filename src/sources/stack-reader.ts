import { dirname } from 'node:path';
import { KontenaError } from '../model/index.js';
import type { Random } from '../ports/index.js';
import { childrenOf, type Cluster, type Files, keptValues, readStack, readTextFile, readVolumes, realPath, type ReadOptions, type ReadResult, type Value, type VolumeDocument } from '../stackfile/index.js';
import type { ReadStack } from './files.js';
import type { Declared } from './plan.js';

export interface Surroundings {
  readonly grid: string;
  /** Where variables `from: env` take their values. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly random: Random;
  /** Further folders whose files may be referred to, absolute. */
  readonly allowed?: readonly string[] | undefined;
  /** What variables may ask of the grid. */
  readonly cluster?: Cluster | undefined;
  /** The text of a stack in a registry, or of an address. */
  readonly fetchStack?: Files['fetchStack'];
}

type Values = Readonly<Record<string, Value>>;
type Wish = Pick<ReadOptions, 'source' | 'text' | 'scope' | 'isFound' | 'name' | 'parent' | 'assigned' | 'prefix'> & { readonly values: Values };
type Read = (wish: Wish) => Promise<ReadResult>;

/**
 * Reads stack files with nobody to ask: what has no value in the file or the environment is a mistake. The file is the
 * declared state: of what the grid has, only values drawn by lot are kept.
 * @throws KontenaError KON_STACK_INVALID with every mistake of the file and of those it depends on
 */
export const stackReader = ({ grid, environment, random, allowed, cluster, fetchStack }: Surroundings): ReadStack => async (file, stored, note) => {
  const volumes = await volumesOf(file);
  if (volumes !== undefined) return { volumes, stacks: [] };
  const files: Files = {
    directory: dirname(file),
    allowed,
    readFile: (path, folders) => {
      note(path);
      return readTextFile(path, folders);
    },
    realPath,
    fetchStack: (name) => {
      note(name);
      return fetchStack?.(name) ?? Promise.resolve(undefined);
    },
  };
  const kept = (stack: string): Promise<ReturnType<typeof keptValues>> => Promise.resolve(keptValues(stored(stack), 'drawn'));
  const read: Read = (wish) => readStack({ ...wish, grid, platform: grid, asMaster: true, kept, files, outside: { environment, random, cluster } });
  return { volumes: [], stacks: await readFamily({ source: file, isFound: true, values: {} }, read) };
};

/** The volumes that a file declares; undefined for one that declares none, or cannot be read, which its reader as a stack says best. @throws KontenaError KON_STACK_INVALID with every mistake */
async function volumesOf(file: string): Promise<readonly VolumeDocument[] | undefined> {
  const read = readVolumes({ name: file, text: (await readTextFile(file, [dirname(file)]).catch(() => undefined)) ?? '' });
  const errors = read?.mistakes.filter(({ severity }) => severity === 'error') ?? [];
  if (errors.length > 0) throw new KontenaError('KON_STACK_INVALID', `${file} cannot be read: ${errors.map(({ message }) => message).join('; ')}`, { mistakes: read?.mistakes ?? [] });
  return read?.volumes;
}

/** A stack after those it depends on. */
async function readFamily(wish: Wish, read: Read): Promise<readonly Declared[]> {
  const { stack, secrets, mistakes, dependencies } = await read(wish);
  if (stack === undefined) {
    const errors = mistakes.filter(({ severity }) => severity === 'error');
    throw new KontenaError('KON_STACK_INVALID', `${wish.source} cannot be read: ${errors.map(({ message }) => message).join('; ')}`, { mistakes });
  }
  const found: Declared[] = [];
  for (const child of childrenOf(stack.name, dependencies, wish)) found.push(...(await readFamily(child, read)));
  return [...found, { stack, file: wish.source, secrets }];
}
