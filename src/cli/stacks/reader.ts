import { randomBytes } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { isName, KontenaError, type Mistake, nearest, type StackSpec } from '../../model/index.js';
import type { Control, Random } from '../../ports/index.js';
import type { Prompter, ReadOptions, ReadResult, VolumeDocument } from '../../stackfile/index.js';
import type { Host } from '../host.js';
import type { Wish } from './wish.js';

export interface ReaderOptions {
  readonly host: Host;
  /** The texts that were read, by name: for the lines that a mistake shows. Filled while reading. */
  readonly sources: Map<string, string>;
  readonly grid?: string | undefined;
  /** The way to the grid, for variables that ask it. */
  readonly openGrid?: (() => Promise<{ readonly control: Control; readonly grid: string }>) | undefined;
  readonly prompter?: Prompter | undefined;
  /** What the master would refuse is a warning only, as it was for the original. */
  readonly isLenient?: boolean;
  /** The text of a stack in a registry, or of an address. */
  readonly fetchStack?: ((name: string) => Promise<string | undefined>) | undefined;
  /** Why nothing is found under a name. */
  readonly missing?: ((source: string) => Promise<KontenaError>) | undefined;
  /** Further folders whose files may be referred to. */
  readonly allowed?: readonly string[] | undefined;
  /** Warnings are errors. */
  readonly isStrict?: boolean | undefined;
  /** What the grid has of a stack. */
  readonly installed?: ((name: string) => Promise<Pick<StackSpec, 'variables' | 'variableOrigins'> | undefined>) | undefined;
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
    const result = await this.#read(wish);
    for (const file of result.sources) this.#options.sources.set(file.name, file.text);
    return result;
  }

  async #read(wish: Wish): Promise<ReadResult> {
    const { host, grid, openGrid, fetchStack, installed, prompter, allowed = [], isLenient = false } = this.#options;
    const { name } = wish;
    if (name !== undefined && !isName(name)) throw new KontenaError('KON_INVALID', `"${name}" cannot name a stack: letters, digits, "-" and "_" can, and no slash`);
    const { clusterOf, keptValues, readStack, readTextFile, realPath } = await import('../../stackfile/index.js');
    const options: ReadOptions = {
      ...wish, asMaster: !isLenient,
      ...(grid === undefined ? {} : { grid }),
      kept: async (stack) => {
        const known = await installed?.(stack);
        return known === undefined ? {} : keptValues(known, 'all');
      },
      files: { directory: host.directory, allowed: allowed.map((folder) => resolve(host.directory, folder)), readFile: readTextFile, realPath, fetchStack },
      outside: { environment: host.env, cluster: openGrid === undefined ? undefined : clusterOf(openGrid), prompter, random },
    };
    return readStack(options);
  }

  /** The volumes that a file declares; undefined for one that declares none, or cannot be read, which its reader as a stack says best. @throws KontenaError KON_STACK_INVALID with every mistake */
  async readVolumes({ source, text, isFound = false }: Wish): Promise<readonly VolumeDocument[] | undefined> {
    const { readTextFile, readVolumes } = await import('../../stackfile/index.js');
    const { host } = this.#options;
    const whole = resolve(host.directory, source);
    const file = { name: source, text: text ?? (await readTextFile(whole, isFound ? [dirname(whole)] : undefined).catch(() => undefined)) ?? '' };
    const result = readVolumes(file);
    if (result === undefined) return undefined;
    this.#options.sources.set(file.name, file.text);
    if (isRefused(result, this.#options.isStrict === true)) throw invalid(source, result);
    return result.volumes;
  }

  /**
   * What a file says, and the stacks it depends on before it, each named after the one that wants it.
   *
   * @throws KontenaError KON_STACK_INVALID with every mistake, KON_INVALID, and what `missing` gives when there is no file
   */
  async readAll(wish: Wish): Promise<readonly (ReadResult & { readonly stack: StackSpec })[]> {
    const result = await this.read(wish);
    const { stack } = result;
    if (stack === undefined) throw (result.sources.length === 0 ? await this.#options.missing?.(wish.source) : undefined) ?? invalid(wish.source, result);
    const children = [];
    const { childrenOf } = await import('../../stackfile/index.js');
    for (const child of childrenOf(stack.name, result.dependencies, wish)) children.push(...(await this.readAll(child)));
    const mistakes = [...result.mistakes, ...givenToNobody(wish, result)];
    if (isRefused({ mistakes }, this.#options.isStrict === true)) throw invalid(wish.source, { mistakes });
    return [...children, { ...result, mistakes, stack }];
  }
}

/** Values for dependencies that a file does not have: most likely their names are misspelt. */
function givenToNobody({ source, values }: Wish, { dependencies, sources }: ReadResult): readonly Mistake[] {
  const names = dependencies.map(({ name }) => name);
  return Object.keys(values).flatMap((key): readonly Mistake[] => {
    const [child = '', ...rest] = key.split('.');
    if (rest.length === 0 || names.includes(child)) return [];
    const meant = nearest(child, names);
    const hint = meant === undefined ? 'leave it out' : `did you mean ${meant}?`;
    return [{ severity: 'warning', file: sources[0]?.name ?? source, line: 1, column: 1, path: 'depends', message: `there is no dependency "${child}" to give ${rest.join('.')} to`, hint }];
  });
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
