import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { plainName } from '../../names.js';
import { Args, Flags } from '../../oclif.js';
import { withDescendants } from '../../stacks/index.js';

export default class StackRemove extends KontenaCommand {
  static override readonly otherNames = ['stack:rm'];
  static override summary = 'Remove stacks, and the stacks that were installed with them.';
  static override examples = ['<%= config.bin %> stack remove todo', '<%= config.bin %> stack remove todo shop --yes'];
  static override strict = false;
  static override args = { name: Args.string({ required: true, description: 'Name of the stack; several may be given.' }) };
  static override flags = {
    'keep-dependencies': Flags.boolean({ default: false, summary: 'Leave the stacks that were installed with it.' }),
    force: Flags.boolean({ default: false, hidden: true, summary: 'As --yes.' }),
    yes: yesFlag,
  };

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(StackRemove);
    const { control, grid } = await this.master();
    const all = await collect(control.resources.list({ grid, kind: 'stack' }));
    const wanted = argv.map((word) => plainName('stack', String(word)));
    const names = flags['keep-dependencies'] ? wanted : withDescendants(wanted, all);
    await this.confirm(`Remove ${names.join(', ')} of grid ${grid}?`, flags.yes || flags.force);
    for (const name of names) {
      await control.resources.remove(grid, 'stack', name);
      this.print(`stack/${name} is removed`);
    }
    return 0;
  }
}
