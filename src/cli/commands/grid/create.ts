import { Args, Flags } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { jsonFlag } from '../../flags.js';
import { gridChangeOf, gridFlags } from '../../grid-change.js';

export default class GridCreate extends KontenaCommand {
  static override summary = 'Make a grid: a tenant with its own nodes, network, stacks and secrets.';
  static override examples = ['<%= config.bin %> grid create shop', '<%= config.bin %> grid create shop --subnet 10.90.0.0/16 --node-prefix 22'];
  static override args = { name: Args.string({ required: true, description: 'Name of the grid.' }) };
  static override flags = {
    subnet: Flags.string({ helpValue: '<cidr>', summary: 'Private IPv4 subnet of its instances, which no other grid has; by default the next free /16 of 10.80.0.0/12.' }),
    'node-prefix': Flags.integer({ min: 8, max: 29, default: 24, helpValue: '<bits>', summary: 'Size of the part that each node has of it: 24 is 256 addresses.' }),
    ...gridFlags,
    output: jsonFlag(),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(GridCreate);
    const { control } = await this.master();
    const { name, subnet, nodePrefix, revision } = await control.grids.create({ name: args.name, nodePrefix: flags['node-prefix'], ...(flags.subnet === undefined ? {} : { subnet: flags.subnet }), ...gridChangeOf(flags) });
    if (flags.output === 'json') {
      await this.printJson({ kind: 'Grid', name, subnet, nodePrefix, revision });
      return 0;
    }
    this.print(`grid ${name} is made; its subnet is ${subnet}, of which each node has a /${nodePrefix}`);
    this.note('To work in it:', `  ${this.config.bin} grid use ${name}`, 'To let machines join it:', `  ${this.config.bin} token create --grid ${name}`);
    return 0;
  }
}
