import { Args } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { plainName } from '../../names.js';

export default class NodeDrain extends KontenaCommand {
  static override summary = 'Take nothing new onto a node, and move away what runs there.';
  static override examples = ['<%= config.bin %> node drain n2'];
  static override args = { node: Args.string({ required: true, description: 'Name of the node.' }) };

  override async run(): Promise<number> {
    const { args } = await this.parse(NodeDrain);
    const name = plainName('node', args.node);
    const { control, grid } = await this.master();
    await control.nodes.update(grid, name, { availability: 'drain' });
    this.print(`node ${name} is being drained`);
    return 0;
  }
}
