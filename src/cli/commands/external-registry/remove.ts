import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { plainName } from '../../names.js';
import { Args, Flags } from '../../oclif.js';

export default class ExternalRegistryRemove extends KontenaCommand {
  static override readonly otherNames = ['external-registry:rm'];
  static override summary = 'Ask a registry as everyone does from now on. What runs goes on.';
  static override examples = ['<%= config.bin %> external-registry remove registry.example.com:5000 --yes'];
  static override args = { host: Args.string({ required: true, description: 'Host of the registry, as `external-registry list` shows it.' }) };
  static override flags = { force: Flags.boolean({ default: false, hidden: true, summary: 'As --yes.' }), yes: yesFlag };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(ExternalRegistryRemove);
    const { control, grid } = await this.master();
    const host = plainName('registry', args.host);
    await this.confirm(`Forget how registry ${host} is asked in grid ${grid}?`, flags.yes || flags.force);
    await control.resources.remove(grid, 'registry', host);
    this.print(`registry/${host} is asked as by everyone from now on`);
    return 0;
  }
}
