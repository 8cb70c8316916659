import { KontenaCommand } from '../../command.js';
import { Args, Flags } from '../../oclif.js';
import { askPassword } from '../../passwords.js';

export default class UserAdd extends KontenaCommand {
  static override summary = 'Add a person with a password of this master\'s, typed unseen or sent to stdin.';
  static override description = 'They sign in with `login`, and change the password with `user password`. Without a role they may nothing: give one here, or with `member add`.';
  static override examples = ['<%= config.bin %> user add ada --role developer', '<%= config.bin %> user add ada@example.com < password.txt'];
  static override args = { name: Args.string({ required: true, description: 'Letters, digits, -, _, ., + and @; the history bears this name.' }) };
  static override flags = { role: Flags.string({ helpValue: '<role>', summary: 'What they may do in the grid or, for a role of the master, in all.' }) };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(UserAdd);
    const { name } = args;
    const { control, grid } = await this.master();
    await control.users.add({ name, password: await askPassword(this.host, `Password of ${name}, 12 characters or more`) });
    if (flags.role !== undefined) await control.members.add(grid, { name, role: flags.role });
    this.print(flags.role === undefined ? `user ${name} is there` : `user ${name} is there, and is ${flags.role}`);
    if (flags.role === undefined) this.note('It may nothing yet:', `  ${this.config.bin} member add ${name} --role ROLE`);
    return 0;
  }
}
