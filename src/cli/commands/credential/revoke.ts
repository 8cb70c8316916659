import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { plainName } from '../../names.js';
import { Args } from '../../oclif.js';

export default class CredentialRevoke extends KontenaCommand {
  static override readonly otherNames = ['credential:rm'];
  static override summary = 'Take a credential back: it opens nothing from now on, and what is open with it is cut.';
  static override description = 'The master\'s own, `admin`, is replaced by another in admin.json when the master is started next.';
  static override examples = ['<%= config.bin %> credential revoke ada'];
  static override args = { name: Args.string({ required: true, description: 'Its name, as `credential list` shows it.' }) };
  static override flags = { yes: yesFlag };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(CredentialRevoke);
    const name = plainName('credential', args.name);
    const { control, grid } = await this.master();
    await this.confirm(`Take the credential ${name} back?`, flags.yes);
    await control.resources.remove(grid, 'credential', name);
    this.print(`credential ${name} is revoked`);
    return 0;
  }
}
