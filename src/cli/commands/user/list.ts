import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { outputFlag } from '../../flags.js';

export default class UserList extends KontenaCommand {
  static override readonly otherNames = ['user:ls'];
  static override summary = 'Show the people that this master knows, who vouches for them, and in how many places they are signed in.';
  static override examples = ['<%= config.bin %> user list'];
  static override flags = { output: outputFlag() };

  override async run(): Promise<number> {
    const { flags } = await this.parse(UserList);
    const { control, grid } = await this.master();
    await this.printList('user', await collect(control.resources.list({ grid, kind: 'user' })), flags.output);
    return 0;
  }
}
