import { Args } from '../../oclif.js';
import { KontenaError } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { readContexts, writeContexts } from '../../context/index.js';

export default class ContextUse extends KontenaCommand {
  static override summary = 'Make a context the current one.';
  static override examples = ['<%= config.bin %> context use prod'];
  static override args = { name: Args.string({ required: true, description: 'Name of the context.' }) };

  override async run(): Promise<number> {
    const { args } = await this.parse(ContextUse);
    const file = await readContexts(this.host);
    if (!file.contexts.some(({ name }) => name === args.name)) {
      throw new KontenaError('KON_CONTEXT_MISSING', `there is no context "${args.name}"; there ${file.contexts.length === 0 ? 'is none' : `are: ${file.contexts.map(({ name }) => name).join(', ')}`}`);
    }
    await writeContexts({ ...file, current: args.name });
    this.print(`context ${args.name} is used from now on`);
    return 0;
  }
}
