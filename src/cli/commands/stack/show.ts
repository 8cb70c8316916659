import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { outputFlag } from '../../flags.js';
import { plainName } from '../../names.js';
import { Args, Flags } from '../../oclif.js';
import { renderData } from '../../output/index.js';
import { writeValues } from '../../stacks/index.js';
import type { Value } from '../../../stackfile/index.js';

export default class StackShow extends KontenaCommand {
  static override summary = 'Show an installed stack, or the values of its variables.';
  static override examples = ['<%= config.bin %> stack show todo', '<%= config.bin %> stack show todo --values'];
  static override args = { name: Args.string({ required: true, description: 'Name of the stack.' }) };
  static override flags = {
    values: Flags.boolean({ default: false, summary: 'Print the values of its variables.' }),
    'values-to': Flags.string({ helpValue: '<file>', summary: 'Write the values of its variables to a file.' }),
    source: Flags.boolean({ default: false, summary: 'Print the file it was installed from.' }),
    output: outputFlag(),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(StackShow);
    const { control, grid } = await this.master();
    for (const stack of await collect(control.resources.list({ grid, kind: 'stack', name: plainName('stack', args.name) }))) {
      const variables = (stack.spec.variables ?? {}) as Readonly<Record<string, Value>>;
      const { source, ...spec } = stack.spec;
      if (flags['values-to'] !== undefined) await writeValues(this.host, flags['values-to'], { variables });
      if (flags.source) this.print((typeof source === 'string' ? source : '').trimEnd());
      else if (flags.values) this.print(...(await renderData(variables, flags.output === 'json' ? 'json' : 'yaml')));
      else if (flags.output === 'table' || flags.output === 'wide') this.print(...(await renderData({ [stack.name]: { revision: stack.revision, createdAt: stack.createdAt, updatedAt: stack.updatedAt, ...spec, status: stack.status } }, 'yaml')));
      else await this.printRecord('stack', stack, flags.output);
    }
    return 0;
  }
}
