import type { ReadResult } from '../../../stackfile/index.js';
import { KontenaCommand } from '../../command.js';
import { Args, Flags } from '../../oclif.js';
import { renderData } from '../../output/index.js';
import { fileArgument, givenValues, InstalledStacks, invalid, isRefused, openReader, type StackReader, tellWarnings, valueFlags, type Wish, writeValues } from '../../stacks/index.js';

type Format = 'yaml' | 'json' | 'api-json';

interface Read {
  readonly source: string;
  readonly result: ReadResult;
}

export default class StackValidate extends KontenaCommand {
  static override summary = 'Check a stack file, and print it as it was understood.';
  static override description = 'Without --online no master is needed: GRID is then "validate", PLATFORM "validate-platform". What the master would refuse is a mistake; with --format api-json, whose readers are used to the original, a warning.';
  static override examples = ['<%= config.bin %> stack validate', '<%= config.bin %> stack validate stack.yml -v tag=1.2 --format json', '<%= config.bin %> stack validate stack.yml -o json'];
  static override args = { file: Args.string(fileArgument) };
  static override flags = {
    name: Flags.string({ char: 'n', helpValue: '<name>', summary: 'Name of the stack in place of the file\'s own.' }),
    ...valueFlags,
    online: Flags.boolean({ default: false, summary: 'Let variables ask the grid.' }),
    dependencies: Flags.boolean({ default: true, allowNo: true, summary: 'Check the stacks it depends on too.' }),
    'dependency-tree': Flags.boolean({ default: false, summary: 'Print what it depends on, and nothing else.' }),
    interactive: Flags.boolean({ default: true, allowNo: true, summary: 'Ask for missing values, on a terminal.' }),
    format: Flags.option({ options: ['yaml', 'json', 'api-json'] as const, default: 'yaml' as const, helpValue: 'yaml|json|api-json', summary: 'How to print what was understood; api-json is the request of the original.' })(),
    output: Flags.option({ char: 'o', options: ['text', 'json'] as const, default: 'text' as const, helpValue: 'json', summary: 'Print the mistakes as data, in place of the file.' })(),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(StackValidate);
    const installed = new InstalledStacks(this);
    const reader = await openReader(this, flags, { installed: flags.online ? installed : undefined, isInteractive: flags.interactive, isLenient: flags.format === 'api-json' });
    const wish: Wish = { source: args.file, name: flags.name, values: await givenValues(this, flags, installed) };
    const own = await reader.read(wish);
    if (flags['dependency-tree']) {
      this.print(...(await renderData({ name: own.stack?.name, stack: args.file, depends: treeOf(own.dependencies) }, 'yaml')));
      return 0;
    }
    const read = [...(flags.dependencies ? await this.#children(reader, wish, own) : []), { source: args.file, result: own }];
    return this.#conclude(read, flags);
  }

  async #children(reader: StackReader, wish: Wish, { stack, dependencies }: ReadResult): Promise<readonly Read[]> {
    const read: Read[] = [];
    const { childrenOf } = await import('../../../stackfile/index.js');
    for (const [index, child] of childrenOf(stack?.name ?? '', dependencies, wish).entries()) {
      const result = await reader.read(child);
      read.push(...(await this.#children(reader, child, result)), { source: dependencies[index]?.source ?? child.source, result });
    }
    return read;
  }

  async #conclude(read: readonly Read[], flags: { readonly output: 'text' | 'json'; readonly strict: boolean; readonly format: Format; readonly dependencies: boolean; readonly 'values-to'?: string | undefined }): Promise<number> {
    const mistakes = read.flatMap(({ result }) => result.mistakes);
    const refused = read.find(({ result }) => isRefused(result, flags.strict));
    if (flags.output === 'json') await this.printJson({ kind: 'MistakeList', items: mistakes });
    if (refused !== undefined) {
      if (flags.output === 'json') return 1;
      throw invalid(refused.source, { mistakes });
    }
    await tellWarnings(this, flags.output === 'json' ? [] : mistakes);
    const last = read.at(-1);
    if (last !== undefined && flags['values-to'] !== undefined) await writeValues(this.host, flags['values-to'], last.result);
    if (flags.output === 'text') await this.#show(read, flags.format, flags.dependencies);
    return 0;
  }

  async #show(read: readonly Read[], format: Format, withSources: boolean): Promise<void> {
    const last = read.at(-1)?.result;
    if (format === 'api-json') this.print(...(await renderData(last?.apiRequest, 'json')));
    else if (format === 'json') this.print(...(await renderData(last?.document, 'json')));
    else for (const { source, result } of read) this.print('---', ...(withSources ? [`# ${source}`] : []), ...(await renderData(result.document, 'yaml')));
  }
}

interface Tree {
  readonly name: string;
  readonly stack: string;
  readonly depends?: readonly Tree[];
}

const treeOf = (dependencies: ReadResult['dependencies']): readonly Tree[] =>
  dependencies.map(({ name, source, depends }) => ({ name, stack: source, ...(depends.length === 0 ? {} : { depends: treeOf(depends) }) }));
