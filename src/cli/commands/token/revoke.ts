import { Args } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { plainName } from '../../names.js';

export default class TokenRevoke extends KontenaCommand {
  static override readonly otherNames = ['token:rm'];
  static override summary = 'Take a token back. Nodes that joined with it stay; what a program has open with it is cut.';
  static override examples = ['<%= config.bin %> token revoke 00f95d842ac7', '<%= config.bin %> token revoke ci'];
  static override args = { id: Args.string({ required: true, description: 'Its id, as `token list` shows it.' }) };
  static override flags = { yes: yesFlag };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(TokenRevoke);
    const name = plainName('token', args.id);
    const { control, grid } = await this.master();
    await this.confirm(`Take the token ${name} back?`, flags.yes);
    await control.resources.remove(grid, 'token', name);
    this.print(`token ${name} is revoked`);
    return 0;
  }
}
