import { Args } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { plainName } from '../../names.js';

export default class NodeConfirm extends KontenaCommand {
  static override summary = 'Say that the machine which was this node before is gone, so that what keeps data may start on the new one.';
  static override examples = ['<%= config.bin %> node confirm n1'];
  static override args = { node: Args.string({ required: true, description: 'Name of the node.' }) };
  static override flags = { yes: yesFlag };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(NodeConfirm);
    const name = plainName('node', args.node);
    const { control, grid } = await this.master();
    await this.confirm(`Is the machine that was node ${name} before switched off, or is it this one?`, flags.yes);
    await control.nodes.update(grid, name, { isConfirmed: true });
    this.print(`node ${name} is confirmed`);
    return 0;
  }
}
