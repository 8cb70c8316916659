import { Args } from '../../oclif.js';
import { KontenaError } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { readContexts, removeContext } from '../../context/index.js';
import { yesFlag } from '../../flags.js';

export default class ContextRemove extends KontenaCommand {
  static override readonly otherNames = ['context:rm'];
  static override summary = 'Forget a context. The master and what it runs stay.';
  static override examples = ['<%= config.bin %> context remove prod'];
  static override args = { name: Args.string({ required: true, description: 'Name of the context.' }) };
  static override flags = { yes: yesFlag };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(ContextRemove);
    const { contexts } = await readContexts(this.host);
    if (!contexts.some(({ name }) => name === args.name)) throw new KontenaError('KON_CONTEXT_MISSING', `there is no context "${args.name}"`);
    await this.confirm(`Forget the context ${args.name}?`, flags.yes);
    await removeContext(this.host, args.name);
    this.print(`context ${args.name} is forgotten`);
    return 0;
  }
}
