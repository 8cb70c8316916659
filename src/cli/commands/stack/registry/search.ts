import { KontenaCommand } from '../../../command.js';
import { jsonFlag } from '../../../flags.js';
import { Args, Flags } from '../../../oclif.js';
import { registryFlags, requireRegistry, showRegistryStacks } from '../../../stacks/index.js';

export default class RegistrySearch extends KontenaCommand {
  static override summary = 'Find stacks of the registry by a part of their name or description.';
  static override examples = ['<%= config.bin %> stack registry search redis --registry oci://registry.example.com/stacks'];
  static override args = { text: Args.string({ description: 'Part of the name, user/stack, or of the description; all of them when not given.' }) };
  static override flags = { quiet: Flags.boolean({ char: 'q', default: false, summary: 'Names only.' }), ...registryFlags, output: jsonFlag() };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(RegistrySearch);
    await showRegistryStacks(this, await requireRegistry(this.host, flags), args.text ?? '', { isJson: flags.output === 'json', isQuiet: flags.quiet });
    return 0;
  }
}
