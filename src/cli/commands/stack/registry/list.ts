import { KontenaCommand } from '../../../command.js';
import { jsonFlag } from '../../../flags.js';
import { Flags } from '../../../oclif.js';
import { registryFlags, requireRegistry, showRegistryStacks } from '../../../stacks/index.js';

export default class RegistryList extends KontenaCommand {
  static override readonly otherNames = ['stack:registry:ls'];
  static override summary = 'Show the stacks of the registry, each with its newest version.';
  static override examples = ['<%= config.bin %> stack registry list'];
  static override flags = { quiet: Flags.boolean({ char: 'q', default: false, summary: 'Names only.' }), ...registryFlags, output: jsonFlag() };

  override async run(): Promise<number> {
    const { flags } = await this.parse(RegistryList);
    await showRegistryStacks(this, await requireRegistry(this.host, flags), '', { isJson: flags.output === 'json', isQuiet: flags.quiet });
    return 0;
  }
}
