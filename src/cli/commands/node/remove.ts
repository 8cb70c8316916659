import { Args } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { plainName } from '../../names.js';

export default class NodeRemove extends KontenaCommand {
  static override readonly otherNames = ['node:rm'];
  static override summary = 'Remove a node from the grid; its instances move, and its agent may not come back without a new token.';
  static override examples = ['<%= config.bin %> node remove n2'];
  static override args = { node: Args.string({ required: true, description: 'Name of the node.' }) };
  static override flags = { yes: yesFlag };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(NodeRemove);
    const name = plainName('node', args.node);
    const { control, grid } = await this.master();
    await this.confirm(`Remove node ${name} from grid ${grid}?`, flags.yes);
    await control.resources.remove(grid, 'node', name);
    this.print(`node ${name} is removed`);
    return 0;
  }
}
