import { Args, Flags } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { plainName } from '../../names.js';
import type { Lookup } from '../../../model/index.js';
import { type Column, renderTable } from '../../output/index.js';

const COLUMNS: readonly Column<Lookup['instances'][number]>[] = [
  { title: 'INSTANCE', cell: ({ instance }) => instance, isKey: true },
  { title: 'ADDRESS', cell: ({ address }) => address },
  { title: 'NODE', cell: ({ node }) => node },
  { title: 'SERVES', cell: ({ serves }) => (serves ? 'yes' : 'no') },
  { title: 'WHY NOT', cell: ({ whyNot }) => whyNot ?? '-' },
];

export default class DnsLookup extends KontenaCommand {
  static override summary = 'Show what a name means inside the grid, and why an instance is not in the answer.';
  static override description = 'The exit code is 1 when nothing serves under the name.';
  static override examples = ['<%= config.bin %> dns lookup web.todo', '<%= config.bin %> dns lookup web-2.todo.default.kontena.local --node n1'];
  static override args = { name: Args.string({ required: true, description: 'web.todo, web-2.todo, todo, or a whole name.' }) };
  static override flags = {
    node: Flags.string({ helpValue: '<name>', summary: 'The node whose server of names is asked; else any that is connected.' }),
    output: Flags.string({ char: 'o', options: ['table', 'json'], default: 'table', helpValue: 'table|json', summary: 'Form of the answer.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(DnsLookup);
    const { control, grid } = await this.master();
    const node = flags.node === undefined ? {} : { node: plainName('node', flags.node) };
    const found = await control.network.lookUp(grid, { name: args.name, ...node }, new AbortController().signal);
    const { askedNode, name, kind, because, addresses, instances } = found;
    if (flags.output === 'json') await this.printJson({ ...found, kind: 'Lookup', grid, answer: kind });
    else {
      this.print(`${name}: ${addresses.length === 0 ? because : [...addresses].sort().join(', ')} (asked on node ${askedNode})`);
      if (instances.length > 0) this.print('', ...renderTable(COLUMNS, instances, this.host.out.columns));
    }
    return instances.some(({ serves }) => serves) ? 0 : 1;
  }
}
