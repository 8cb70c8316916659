import { Args } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { plainName } from '../../names.js';

export default class NodeActivate extends KontenaCommand {
  static override summary = 'Let a drained node take instances again.';
  static override examples = ['<%= config.bin %> node activate n2'];
  static override args = { node: Args.string({ required: true, description: 'Name of the node.' }) };

  override async run(): Promise<number> {
    const { args } = await this.parse(NodeActivate);
    const name = plainName('node', args.node);
    const { control, grid } = await this.master();
    await control.nodes.update(grid, name, { availability: 'active' });
    this.print(`node ${name} takes instances again`);
    return 0;
  }
}
