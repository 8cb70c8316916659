import { randomBytes } from 'node:crypto';
import { isName, KontenaError, type StackSpec } from '../../model/index.js';
import type { Control, Random } from '../../ports/index.js';
import type { Prompter, ReadOptions, ReadResult } from '../../stackfile/index.js';
import type { Host } from '../host.js';
import { isBroken, keepValues, stackNameIn, type Installed, type Wish } from './installed.js';

export interface ReaderOptions {
  readonly host: Host;
  /** The texts that were read, by name: for the lines that a mistake shows. Filled while reading. */
  readonly sources: Map<string, string>;
  readonly grid?: string | undefined;
  /** The way to the grid, for variables that ask it. */
  readonly openGrid?: (() => Promise<{ readonly control: Control; readonly grid: string }>) | undefined;
  readonly prompter?: Prompter | undefined;
  /** The text of a stack in a registry, or of an address. */
  readonly fetchStack?: ((name: string) => Promise<string | undefined>) | undefined;
  /** Why nothing is found under a name. */
  readonly missing?: ((source: string) => Promise<KontenaError>) | undefined;
  /** What the grid has of a stack: its values stand in for defaults. */
  readonly installed?: ((name: string) => Promise<Installed | undefined>) | undefined;
}

export const random: Random = { fraction: () => Math.random(), secret: (bytes) => randomBytes(bytes).toString('base64url') };

/** Reads stack files for commands: from the disk, with the environment, the grid and the person at the terminal. */
export class StackReader {
  readonly #options: ReaderOptions;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** What a file says, right or wrong. @throws KontenaError KON_INVALID when the wanted name is none */
  async read(wish: Wish): Promise<ReadResult> {
    const { sources, prompter } = this.#options;
    const result = await this.#read(wish, { random, prompter });
    for (const file of result.sources) sources.set(file.name, file.text);
    return result;
  }

  async #read({ source, text, name, parent, values, defaults }: Wish, people: { readonly random: Random; readonly prompter?: Prompter | undefined }): Promise<ReadResult> {
    const { host, grid, openGrid, fetchStack } = this.#options;
    if (name !== undefined && !isName(name)) throw new KontenaError('KON_INVALID', `"${name}" cannot name a stack: letters, digits, "-" and "_" can, and no slash`);
    const { clusterOf, readStack, readTextFile } = await import('../../stackfile/index.js');
    const options: ReadOptions = {
      source, name, parent, values,
      ...(text === undefined ? {} : { text }), ...(grid === undefined ? {} : { grid }), ...(defaults === undefined ? {} : { defaults }),
      files: { directory: host.directory, readFile: readTextFile, fetchStack },
      outside: { environment: host.env, cluster: openGrid === undefined ? undefined : clusterOf(openGrid), ...people },
    };
    return readStack(options);
  }

  /** The same wish with the values that the grid has, where it has some. Nobody is asked for that, and nothing when the file has no variables. */
  async #asInstalled(wish: Wish): Promise<Wish> {
    const { installed } = this.#options;
    if (installed === undefined) return wish;
    const first = await this.#read(wish, { random });
    const name = Object.keys(first.variables).length === 0 || isBroken(first) ? undefined : stackNameIn(first, wish);
    const known = name === undefined ? undefined : await installed(name);
    if (known === undefined) return wish;
    const kept = await keepValues(wish, known, (asked, chance) => this.#read(asked, { random: chance }));
    return { ...kept, ...(wish.defaults === undefined ? {} : { defaults: wish.defaults }) };
  }

  /**
   * What a file says, and the stacks it depends on before it, each named after the one that wants it.
   *
   * @throws KontenaError KON_STACK_INVALID with every mistake, KON_INVALID, and what `missing` gives when there is no file
   */
  async readAll(wish: Wish): Promise<readonly (ReadResult & { readonly stack: StackSpec })[]> {
    const result = await this.read(await this.#asInstalled(wish));
    const { stack } = result;
    if (stack === undefined) throw (result.sources.length === 0 ? await this.#options.missing?.(wish.source) : undefined) ?? invalid(wish.source, result);
    const children = [];
    const { childrenOf } = await import('../../stackfile/index.js');
    for (const child of childrenOf(stack.name, result.dependencies, wish.values)) children.push(...(await this.readAll(child)));
    return [...children, { ...result, stack }];
  }
}

/** Whether a file is refused: for its errors, or with `isStrict` for its warnings too. */
export const isRefused = ({ mistakes }: Pick<ReadResult, 'mistakes'>, isStrict: boolean): boolean => mistakes.some(({ severity }) => isStrict || severity === 'error');

/** The refusal of a file with all that is wrong in it. */
export function invalid(source: string, { mistakes }: Pick<ReadResult, 'mistakes'>): KontenaError {
  const [only] = mistakes;
  if (mistakes.length === 1 && only !== undefined && only.file === undefined) return new KontenaError('KON_FILE_UNREADABLE', only.message);
  const placed = mistakes.filter(({ file }) => file !== undefined);
  const errors = placed.filter(({ severity }) => severity === 'error').length || placed.length;
  const count = placed.length < mistakes.length ? `more than ${String(errors)} mistakes` : errors === 1 ? 'a mistake' : `${String(errors)} mistakes`;
  return new KontenaError('KON_STACK_INVALID', `${source} has ${count}`, { mistakes });
}
