import { Args } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { plainName } from '../../names.js';

export default class GridRemove extends KontenaCommand {
  static override readonly otherNames = ['grid:rm'];
  static override summary = 'Remove a grid that has neither nodes nor stacks any more, with its tokens and what is in its vault.';
  static override examples = ['<%= config.bin %> grid remove shop'];
  static override args = { name: Args.string({ required: true, description: 'Name of the grid.' }) };
  static override flags = { yes: yesFlag };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(GridRemove);
    const name = plainName('grid', args.name);
    const { control, grid } = await this.master();
    await this.confirm(`Remove grid ${name}, its tokens and all that is in its vault?`, flags.yes);
    await control.resources.remove(grid, 'grid', name);
    this.print(`grid ${name} is removed`);
    return 0;
  }
}
