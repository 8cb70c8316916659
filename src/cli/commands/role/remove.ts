import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { Args } from '../../oclif.js';

export default class RoleRemove extends KontenaCommand {
  static override readonly otherNames = ['role:rm'];
  static override summary = 'Remove a role of your own: whoever has it may do nothing by it.';
  static override examples = ['<%= config.bin %> role remove deployer'];
  static override args = { name: Args.string({ required: true, description: 'Name of the role.' }) };
  static override flags = { yes: yesFlag };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(RoleRemove);
    const { control, grid } = await this.master();
    await this.confirm(`Remove the role ${args.name}?`, flags.yes);
    await control.resources.remove(grid, 'role', args.name);
    this.print(`role ${args.name} is removed`);
    return 0;
  }
}
