import { Args } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { gridChangeFlags, gridChangeOf } from '../../grid-change.js';
import { plainName } from '../../names.js';
import { UsageError } from '../../usage-error.js';

export default class GridUpdate extends KontenaCommand {
  static override summary = 'Change what is declared of a grid; what is not named stays as it is.';
  static override examples = ['<%= config.bin %> grid update shop --statsd graphs.example.com:8125', '<%= config.bin %> grid update shop --default-affinity label==ssd --no-statsd'];
  static override args = { name: Args.string({ required: true, description: 'Name of the grid.' }) };
  static override flags = gridChangeFlags;

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(GridUpdate);
    const name = plainName('grid', args.name);
    const change = gridChangeOf(flags);
    if (Object.keys(change).length === 0) throw new UsageError('say what is to be other than it is: --statsd HOST:PORT, for example');
    const { control } = await this.master();
    await control.grids.update(name, change);
    this.print(`grid ${name} is changed`);
    return 0;
  }
}
