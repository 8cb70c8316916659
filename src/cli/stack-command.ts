import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse, stringify } from './output/yaml.js';
import { KontenaError, messageOf, type Mistake, type StackSpec } from '../model/index.js';
import type { Resource } from '../ports/index.js';
import type { StackRegistry } from '../stack-registry/index.js';
import type { ReadResult, Value } from '../stackfile/index.js';
import { collect } from './collect.js';
import { KontenaCommand } from './command.js';
import { parseAssignments } from './flags.js';
import { Flags } from './oclif.js';
import { coloursFor, renderMistakes, type Colours } from './output/index.js';
import { findRegistry, missingSource, prompterFor, StackReader, valuesWithChildren, type RegistryFlags } from './stacks/index.js';

/** Where stacks are that are known by name. */
export const registryFlags = {
  registry: Flags.string({ helpValue: '<address>', summary: 'Stack registry: a path, git+ssh://…, git+https://… or oci://host/prefix; else KONTENA_STACK_REGISTRY, else that of the context.' }),
  'insecure-http': Flags.boolean({ default: false, summary: 'Speak http, not https, to an OCI registry.' }),
};

/** Whose files a stack file may refer to, and where stacks are that are known by name. */
export const sourceFlags = {
  'allow-files': Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: '<dir>', summary: 'Further folder whose files a stack file may refer to, besides its own and the working directory.' }),
  ...registryFlags,
};

export const strictFlag = Flags.boolean({ default: false, summary: 'Warnings are errors.' });

/** Where the values of variables come from and go to. */
export const valueFlags = {
  variable: Flags.string({ char: 'v', multiple: true, multipleNonGreedy: true, helpValue: '<name=value>', summary: 'Value of a variable of the file; of a dependency: child.name=value.' }),
  'values-from': Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: '<file>', summary: 'YAML file with values of variables.' }),
  'values-from-stack': Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: '<stack>', summary: 'Installed stack whose values to take.' }),
  'values-to': Flags.string({ helpValue: '<file>', summary: 'File to write the values of the variables to, without secrets.' }),
  strict: strictFlag,
  ...sourceFlags,
};

export interface ValueFlags {
  readonly variable?: string[] | undefined;
  readonly 'values-from'?: string[] | undefined;
  readonly 'values-from-stack'?: string[] | undefined;
  readonly 'values-to'?: string | undefined;
}

export const fileArgument = { default: 'kontena.yml', description: 'Stack file, or a stack of the registry: user/name[:version].' };

type Values = Readonly<Record<string, Value>>;

interface ReaderWish {
  /** Variables may ask the grid, and GRID is its name. */
  readonly isOnline: boolean;
  /** A person may be asked, where there is one. */
  readonly isInteractive: boolean;
  /** What the master would refuse is a warning only. */
  readonly isLenient?: boolean;
}

/** A command that reads stack files. */
export abstract class StackCommand extends KontenaCommand {
  #registry: Promise<StackRegistry | undefined> | undefined;
  #stacks: Promise<readonly Resource[]> | undefined;

  /** The stack registry of this run; undefined when none is named. */
  protected async registry(): Promise<StackRegistry | undefined> {
    const { flags } = await this.parse(this.ctor);
    return (this.#registry ??= findRegistry(this.host, flags as RegistryFlags));
  }

  protected get errColours(): Colours {
    return coloursFor(this.host.err, this.host.env);
  }

  protected async reader({ isOnline, isInteractive, isLenient = false }: ReaderWish): Promise<StackReader> {
    const { host, sources } = this;
    const { flags } = await this.parse(this.ctor);
    const { stackFetcher } = await import('../stack-registry/index.js');
    return new StackReader({
      host, sources, isLenient, allowed: flags['allow-files'] as string[] | undefined, isStrict: flags.strict as boolean | undefined, fetchStack: stackFetcher(() => this.registry()), missing: (source) => missingSource(source, () => this.registry()),
      ...(isOnline ? { grid: (await this.chosen()).grid, openGrid: () => this.master(), installed: (name: string) => this.#installed(name) } : {}),
      ...(isInteractive && host.isInteractive ? { prompter: prompterFor(host) } : {}),
    });
  }

  /** The stacks of the grid, as they were when first asked for. */
  protected async stacks(): Promise<readonly Resource[]> {
    const { control, grid } = await this.master();
    return (this.#stacks ??= collect(control.resources.list({ grid, kind: 'stack' })));
  }

  async #installed(name: string): Promise<Pick<StackSpec, 'variables' | 'variableOrigins'> | undefined> {
    const spec: Partial<StackSpec> | undefined = (await this.stacks()).find((stack) => stack.name === name)?.spec;
    return spec && { variables: spec.variables ?? {}, variableOrigins: spec.variableOrigins ?? {} };
  }

  /** What is accepted but unwise, on stderr. */
  protected async warnOf(mistakes: readonly Mistake[]): Promise<void> {
    this.note(...(await renderMistakes(mistakes, { sink: this.host.err, colours: this.errColours, sources: this.sources })));
  }

  /** Values given on the command line: -v goes before --values-from, that before --values-from-stack. */
  protected async valuesOf(flags: ValueFlags): Promise<Values> {
    const fromStacks = await Promise.all((flags['values-from-stack'] ?? []).map((stack) => this.#valuesOfStack(stack)));
    const fromFiles = await Promise.all((flags['values-from'] ?? []).map((file) => this.#valuesOfFile(file)));
    return Object.assign({}, ...fromStacks, ...fromFiles, parseAssignments(flags.variable, '-v')) as Values;
  }

  async #valuesOfFile(file: string): Promise<Values> {
    try {
      const values: unknown = parse(await readFile(resolve(this.host.directory, file), 'utf8'));
      if (typeof values === 'object' && values !== null && !Array.isArray(values)) return values as Values;
    } catch (error) {
      throw new KontenaError('KON_FILE_UNREADABLE', `the values in ${file} cannot be read: ${messageOf(error).split('\n')[0] ?? ''}`, { cause: error });
    }
    throw new KontenaError('KON_FILE_UNREADABLE', `${file} holds no values: names with values are wanted, like "tag: 1.2"`);
  }

  async #valuesOfStack(name: string): Promise<Values> {
    const { control, grid } = await this.master();
    await collect(control.resources.list({ grid, kind: 'stack', name })); // says so when there is none
    const values = valuesWithChildren(await this.stacks(), name);
    if (Object.keys(values).length === 0) this.note(`warning: stack ${name} has no values of variables`);
    return values;
  }

  /** Keeps the values for a later --values-from. */
  protected async writeValues(file: string | undefined, { variables }: Pick<ReadResult, 'variables'>): Promise<void> {
    if (file === undefined) return;
    try {
      await writeFile(resolve(this.host.directory, file), stringify(variables), { mode: 0o600 });
    } catch (error) {
      throw new KontenaError('KON_FILE_UNREADABLE', `the values cannot be written to ${file}: ${messageOf(error)}`, { cause: error });
    }
  }
}
