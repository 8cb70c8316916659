import { KontenaCommand } from '../../command.js';
import { plainName } from '../../names.js';
import { Args } from '../../oclif.js';
import { secretValue, tellKept } from '../../vault.js';

export default class VaultWrite extends KontenaCommand {
  static override summary = 'Write a new secret into the vault.';
  static override description = 'Without a value it is asked for unseen, or read from stdin: a value on the command line stays in the history of the shell.';
  static override examples = ['<%= config.bin %> vault write db-password', 'openssl rand -hex 16 | <%= config.bin %> vault write db-password'];
  static override args = {
    name: Args.string({ required: true, description: 'Name of the secret.' }),
    value: Args.string({ description: 'Its value.' }),
  };

  override async run(): Promise<number> {
    const { args } = await this.parse(VaultWrite);
    const name = plainName('secret', args.name);
    const { control, grid } = await this.master();
    tellKept(this, 'secret', await control.vault.writeSecret(grid, { name, value: await secretValue(this.host, name, args.value), only: 'new' }));
    return 0;
  }
}
