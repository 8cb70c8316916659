import { jsonFlag } from '../../../flags.js';
import { ListingCommand } from '../../../listing-command.js';
import { Flags } from '../../../oclif.js';
import { registryFlags } from '../../../stack-command.js';

export default class RegistryList extends ListingCommand {
  static override readonly otherNames = ['stack:registry:ls'];
  static override summary = 'Show the stacks of the registry, each with its newest version.';
  static override examples = ['<%= config.bin %> stack registry list'];
  static override flags = { quiet: Flags.boolean({ char: 'q', default: false, summary: 'Names only.' }), ...registryFlags, output: jsonFlag() };

  override async run(): Promise<number> {
    const { flags } = await this.parse(RegistryList);
    return this.show('', { isJson: flags.output === 'json', isQuiet: flags.quiet });
  }
}
