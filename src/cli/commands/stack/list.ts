import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { outputFlag } from '../../flags.js';
import { Flags } from '../../oclif.js';

export default class StackList extends KontenaCommand {
  static override readonly otherNames = ['stack:ls'];
  static override summary = 'Show the installed stacks.';
  static override examples = ['<%= config.bin %> stack list', '<%= config.bin %> stack list -q'];
  static override flags = { output: outputFlag(), quiet: Flags.boolean({ char: 'q', default: false, summary: 'Names only.' }) };

  override async run(): Promise<number> {
    const { flags } = await this.parse(StackList);
    const { control, grid } = await this.master();
    const stacks = await collect(control.resources.list({ grid, kind: 'stack' }));
    if (flags.quiet) this.print(...stacks.map(({ name }) => name));
    else await this.printList('stack', stacks, flags.output);
    return 0;
  }
}
