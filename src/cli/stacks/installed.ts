import type { Random } from '../../ports/index.js';
import type { ReadResult, Value } from '../../stackfile/index.js';

type Values = Readonly<Record<string, Value>>;

export interface Wish {
  /** A path, a name in a registry, or an address. */
  readonly source: string;
  readonly text?: string;
  readonly name?: string | undefined;
  readonly parent?: string | undefined;
  /** Values of variables; `child.name` is the variable `name` of the dependency `child`. */
  readonly values: Readonly<Record<string, Value>>;
  readonly defaults?: Readonly<Record<string, Value>>;
}

/** What a grid has of a stack. */
export interface Installed {
  readonly variables: Values;
  /** The file it was declared from. */
  readonly source: string | undefined;
}

type Read = (wish: Wish, chance: Random) => Promise<ReadResult>;

/** The same chance each time: what differs between two readings is in the files. */
const unmoved: Random = { fraction: () => 0, secret: (bytes) => Buffer.alloc(bytes).toString('base64url') };

/**
 * A wish with the values that its stack has in the grid: what was drawn by lot stays, and the rest stands in for the
 * defaults of the file. Where the file says something else than it did when the stack was declared, the file counts.
 *
 * @param read reads without asking anybody
 */
export async function keepValues(wish: Wish, { variables, source }: Installed, read: Read): Promise<Wish> {
  if (Object.keys(variables).length === 0) return wish;
  const { drawnBefore } = await import('../../sources/index.js');
  const drawn = await drawnBefore((chance) => read(wish, chance), variables);
  const [now, then] = [await read(wish, unmoved), source === undefined ? undefined : await read({ ...wish, text: source }, unmoved)];
  const isAsBefore = (name: string): boolean => then === undefined || JSON.stringify(now.variables[name]) === JSON.stringify(then.variables[name]);
  const defaults = Object.fromEntries(Object.entries(variables).filter(([name]) => isAsBefore(name)));
  return { ...wish, defaults, values: { ...drawn, ...wish.values } };
}

/** Whether a file has mistakes that no value can mend. */
export const isBroken = ({ mistakes }: ReadResult): boolean => mistakes.some(({ severity, path }) => severity === 'error' && !path.startsWith('variables'));

/** The name a stack gets, as far as the file can be read without asking. */
export function stackNameIn({ stack, document }: ReadResult, { name }: Wish): string | undefined {
  if (name !== undefined || stack !== undefined) return name ?? stack?.name;
  const written = typeof document === 'object' && document !== null && 'stack' in document ? document.stack : undefined;
  return typeof written === 'string' ? written.slice(written.lastIndexOf('/') + 1).replace(/:.*$/, '') : undefined;
}
