import type { Applied } from '../../../ports/index.js';
import type { StackSpec } from '../../../model/index.js';
import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { jsonFlag, waitFlags } from '../../flags.js';
import { plainName } from '../../names.js';
import { Args } from '../../oclif.js';
import { concludeDeclaration, tellApplied } from '../../stacks/index.js';

export default class StackReset extends KontenaCommand {
  static override summary = 'Take back what was changed by hand: declare a stack as it was installed.';
  static override examples = ['<%= config.bin %> stack reset todo'];
  static override args = { name: Args.string({ required: true, description: 'Name of the stack.' }) };
  static override flags = { ...waitFlags, output: jsonFlag() };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(StackReset);
    const { control, grid } = await this.master();
    const applied: Applied[] = [];
    for (const { spec } of await collect(control.resources.list({ grid, kind: 'stack', name: plainName('stack', args.name) }))) {
      const declared: object = spec;
      applied.push(await control.stacks.apply({ grid, stack: declared as StackSpec, dryRun: false }));
    }
    const isJson = flags.output === 'json';
    if (!isJson) for (const one of applied) await tellApplied(this, one, false);
    return concludeDeclaration(this, { applied, removed: [], isJson, timeoutMs: flags.wait ? flags.timeout : undefined });
  }
}
