import { KontenaCommand } from '../../command.js';
import { jsonFlag } from '../../flags.js';
import { plainName } from '../../names.js';
import { Args, Flags } from '../../oclif.js';

export default class VaultRead extends KontenaCommand {
  static override summary = 'Show the value of a secret.';
  static override examples = ['<%= config.bin %> vault read db-password'];
  static override args = { name: Args.string({ required: true, description: 'Name of the secret.' }) };
  static override flags = {
    value: Flags.boolean({ default: false, hidden: true, summary: 'As without: only the value is printed.' }),
    output: jsonFlag(),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(VaultRead);
    const name = plainName('secret', args.name);
    const { control, grid } = await this.master();
    const value = await control.vault.readSecret(grid, name);
    if (flags.output === 'json') await this.printJson({ kind: 'SecretValue', grid, name, value });
    else this.print(value);
    return 0;
  }
}
