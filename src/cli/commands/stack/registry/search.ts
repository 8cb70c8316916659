import { jsonFlag } from '../../../flags.js';
import { ListingCommand } from '../../../listing-command.js';
import { Args, Flags } from '../../../oclif.js';
import { registryFlags } from '../../../stack-command.js';

export default class RegistrySearch extends ListingCommand {
  static override summary = 'Find stacks of the registry by a part of their name or description.';
  static override examples = ['<%= config.bin %> stack registry search redis --registry oci://registry.example.com/stacks'];
  static override args = { text: Args.string({ description: 'Part of the name, user/stack, or of the description; all of them when not given.' }) };
  static override flags = { quiet: Flags.boolean({ char: 'q', default: false, summary: 'Names only.' }), ...registryFlags, output: jsonFlag() };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(RegistrySearch);
    return this.show(args.text ?? '', { isJson: flags.output === 'json', isQuiet: flags.quiet });
  }
}
