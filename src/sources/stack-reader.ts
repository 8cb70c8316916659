import { dirname } from 'node:path';
import { isSame, KontenaError } from '../model/index.js';
import type { Random } from '../ports/index.js';
import { childrenOf, type Cluster, type Files, readStack, readTextFile, type ReadOptions, type ReadResult, type Value } from '../stackfile/index.js';
import type { ReadStack, Variables } from './files.js';
import type { Declared } from './plan.js';

export interface Surroundings {
  readonly grid: string;
  /** Where variables `from: env` take their values. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly random: Random;
  /** What variables may ask of the grid. */
  readonly cluster?: Cluster | undefined;
  /** The text of a stack in a registry, or of an address. */
  readonly fetchStack?: Files['fetchStack'];
}

type Values = Readonly<Record<string, Value>>;
type Wish = Pick<ReadOptions, 'source' | 'text' | 'name' | 'parent'> & { readonly values: Values };
type Read = (wish: Wish, chance: Random) => Promise<ReadResult>;

/**
 * Reads stack files with nobody to ask: what has no value in the file or the environment is a mistake. The file is the
 * declared state: of what the grid has, only values drawn by lot are kept.
 * @throws KontenaError KON_STACK_INVALID with every mistake of the file and of those it depends on
 */
export const stackReader = ({ grid, environment, random, cluster, fetchStack }: Surroundings): ReadStack => (file, stored, note) => {
  const files: Files = {
    directory: dirname(file),
    readFile: (path) => {
      note(path);
      return readTextFile(path);
    },
    fetchStack: (name) => {
      note(name);
      return fetchStack?.(name) ?? Promise.resolve(undefined);
    },
  };
  const read: Read = (wish, chance) => readStack({ ...wish, grid, platform: grid, asMaster: true, files, outside: { environment, random: chance, cluster } });
  return readFamily({ source: file, values: {} }, { read, random, stored });
};

interface Means {
  readonly read: Read;
  readonly random: Random;
  readonly stored: (stack: string) => Variables;
}

/** A stack after those it depends on. */
async function readFamily(wish: Wish, means: Means): Promise<readonly Declared[]> {
  const { read, random, stored } = means;
  const first = await read(wish, random);
  const before = first.stack === undefined ? {} : valuesOf(stored(first.stack.name));
  const drawn = await drawnBefore((chance) => read(wish, chance), before);
  const { stack, secrets, mistakes, dependencies } = Object.keys(drawn).length === 0 ? first : await read({ ...wish, values: { ...drawn, ...wish.values } }, random);
  if (stack === undefined) {
    const errors = mistakes.filter(({ severity }) => severity === 'error');
    throw new KontenaError('KON_STACK_INVALID', `${wish.source} cannot be read: ${errors.map(({ message }) => message).join('; ')}`, { mistakes });
  }
  const found: Declared[] = [];
  for (const child of childrenOf(stack.name, dependencies, wish.values)) found.push(...(await readFamily(child, means)));
  return [...found, { stack, file: wish.source, secrets }];
}

/**
 * Of the values that the grid has, those that were drawn by lot: another draw would make new containers of an unchanged
 * file. They are told by drawing twice, as low and as high as can be: what differs depends on chance.
 */
export async function drawnBefore(read: (chance: Random) => Promise<ReadResult>, stored: Values): Promise<Values> {
  if (Object.keys(stored).length === 0) return {};
  const low = await read(extreme(0));
  const high = await read(extreme(1));
  return Object.fromEntries(Object.entries(stored).filter(([name]) => !isSame(low.variables[name], high.variables[name])));
}

const extreme = (bit: 0 | 1): Random => ({
  fraction: () => bit * (1 - Number.EPSILON),
  // Bytes low enough for any alphabet: a higher one may be refused for the sake of evenness, time and again.
  secret: (bytes) => Buffer.alloc(bytes, bit).toString('base64url'),
});

/** Of what a grid keeps, all that a variable may be worth. */
const valuesOf = (variables: Variables): Values =>
  Object.fromEntries(Object.entries(variables).flatMap(([name, value]) => (isValue(value) ? [[name, value]] : [])));

const isValue = (value: unknown): value is Value =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value) || (Array.isArray(value) && value.every(isValue));
