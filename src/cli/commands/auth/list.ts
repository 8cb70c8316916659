import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { outputFlag } from '../../flags.js';

export default class AuthList extends KontenaCommand {
  static override readonly otherNames = ['auth:ls'];
  static override summary = 'Show who vouches for people, beside the master itself. `delete provider oidc` ends that.';
  static override examples = ['<%= config.bin %> auth list'];
  static override flags = { output: outputFlag() };

  override async run(): Promise<number> {
    const { flags } = await this.parse(AuthList);
    const { control, grid } = await this.master();
    await this.printList('provider', await collect(control.resources.list({ grid, kind: 'provider' })), flags.output);
    return 0;
  }
}
