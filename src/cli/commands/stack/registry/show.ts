import { KontenaError } from '../../../../model/index.js';
import { KontenaCommand } from '../../../command.js';
import { jsonFlag } from '../../../flags.js';
import { Args } from '../../../oclif.js';
import { renderData } from '../../../output/index.js';
import { registryFlags, requireRegistry } from '../../../stacks/index.js';

export default class RegistryShow extends KontenaCommand {
  static override summary = 'Show a stack of the registry: what it is, and its versions.';
  static override examples = ['<%= config.bin %> stack registry show acme/todo'];
  static override args = { name: Args.string({ required: true, description: 'user/stack.' }) };
  static override flags = { ...registryFlags, output: jsonFlag() };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(RegistryShow);
    const { fullName, parseReference } = await import('../../../../stack-registry/index.js');
    const { name } = parseReference(args.name);
    const registry = await requireRegistry(this.host, flags);
    const versions = await registry.versions(name);
    if (versions.length === 0) throw new KontenaError('KON_STACK_UNKNOWN', `there is no stack ${fullName(name)} in ${registry.address}`);
    const summary = await registry.summary(name);
    const shown = { name: fullName(name), description: summary?.description ?? '', newest: summary?.version ?? '', versions };
    this.print(...(await renderData(shown, flags.output === 'json' ? 'json' : 'yaml')));
    return 0;
  }
}
