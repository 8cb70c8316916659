import { KontenaCommand } from '../../command.js';
import { plainName } from '../../names.js';
import { Args, Flags } from '../../oclif.js';
import { secretValue, tellKept } from '../../vault.js';

export default class VaultUpdate extends KontenaCommand {
  static override summary = 'Give a secret another value. Services that open it are replaced, some instances at a time.';
  static override examples = ['<%= config.bin %> vault update db-password', '<%= config.bin %> vault update --upsert db-password < password.txt'];
  static override args = {
    name: Args.string({ required: true, description: 'Name of the secret.' }),
    value: Args.string({ description: 'Its value.' }),
  };
  static override flags = { upsert: Flags.boolean({ char: 'u', default: false, summary: 'Write it too when there is none of that name.' }) };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(VaultUpdate);
    const name = plainName('secret', args.name);
    const { control, grid } = await this.master();
    const value = await secretValue(this.host, name, args.value);
    tellKept(this, 'secret', await control.vault.writeSecret(grid, flags.upsert ? { name, value } : { name, value, only: 'known' }));
    return 0;
  }
}
