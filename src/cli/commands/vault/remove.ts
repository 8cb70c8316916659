import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { plainName } from '../../names.js';
import { Args, Flags } from '../../oclif.js';

export default class VaultRemove extends KontenaCommand {
  static override readonly otherNames = ['vault:rm'];
  static override summary = 'Remove secrets that no service opens.';
  static override examples = ['<%= config.bin %> vault remove db-password old-token'];
  static override strict = false;
  static override args = { name: Args.string({ required: true, description: 'Name of the secret; several may be given.' }) };
  static override flags = { force: Flags.boolean({ default: false, hidden: true, summary: 'As --yes.' }), yes: yesFlag };

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(VaultRemove);
    const { control, grid } = await this.master();
    const names = argv.map((word) => plainName('secret', String(word)));
    await this.confirm(`Remove ${names.join(', ')} from the vault of grid ${grid}?`, flags.yes || flags.force);
    for (const name of names) {
      await control.resources.remove(grid, 'secret', name);
      this.print(`secret/${name} is removed`);
    }
    return 0;
  }
}
