import { Args, Flags } from '../oclif.js';
import { KontenaCommand } from '../command.js';
import { collect } from '../collect.js';
import { outputFlag } from '../flags.js';
import { KIND_NAMES, KINDS, parseKind, parseTarget, plainName } from '../names.js';
import { UsageError } from '../usage-error.js';
import { watchResources } from '../watch.js';
import type { ListQuery, Resource, ResourceKind } from '../../ports/index.js';

/** Kinds whose records belong to a stack or a service. */
const OWNED: readonly ResourceKind[] = ['stack', 'service', 'instance', 'route'];

export default class Get extends KontenaCommand {
  static override summary = 'Show nodes, stacks, services, instances, routes and more.';
  static override description = 'KIND may be written in singular, plural or short: services, service, svc.';
  static override examples = ['<%= config.bin %> get services', '<%= config.bin %> get instances --of todo/web -w', '<%= config.bin %> get routes -o wide', '<%= config.bin %> get stack todo -o yaml'];
  static override args = {
    kind: Args.string({ required: true, description: `${KIND_NAMES}; or KIND/NAME.` }),
    name: Args.string({ description: 'Only this one.' }),
  };
  static override flags = {
    output: outputFlag(),
    of: Flags.string({ helpValue: '<name>', summary: 'Only what belongs to this stack or service.' }),
    watch: Flags.boolean({ default: false, char: 'w', summary: 'Stay, and show each change.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Get);
    const { kind, name } = wanted(args.kind, args.name);
    if (flags.of !== undefined && !OWNED.includes(kind)) throw new UsageError(`--of: ${KINDS[kind].plural} belong to no stack or service`);
    const { control, grid } = await this.master();
    const query: ListQuery = { grid, kind, ...(name === undefined ? {} : { name }), ...(flags.of === undefined ? {} : { of: withoutKind(flags.of) }) };

    const items = await collect(control.resources.list(query));
    if (flags.watch) return watchResources({ host: this.host, control, query, format: flags.output, first: items });
    await this.#show(kind, name, items, flags.output);
    return 0;
  }

  async #show(kind: ResourceKind, name: string | undefined, items: readonly Resource[], format: Parameters<KontenaCommand['printList']>[2]): Promise<void> {
    const [only] = items;
    if (name !== undefined && only !== undefined && items.length === 1) return this.printRecord(kind, only, format);
    if (items.length === 0 && (format === 'table' || format === 'wide')) this.note(`There are no ${kind}s.`);
    else await this.printList(kind, items, format);
  }
}

function wanted(word: string, name: string | undefined): { readonly kind: ResourceKind; readonly name: string | undefined } {
  if (name !== undefined || word.includes('/')) return parseTarget(word, name);
  return { kind: parseKind(word), name: undefined };
}

/** `stack/todo` → `todo`, `service/todo/web` → `todo/web`. */
const withoutKind = (name: string): string => plainName('service', name.startsWith('stack/') && name.split('/').length === 2 ? plainName('stack', name) : name);
