import { KontenaCommand } from '../../command.js';
import { Args } from '../../oclif.js';
import { askPassword } from '../../passwords.js';
import { UsageError } from '../../usage-error.js';

export default class UserPassword extends KontenaCommand {
  static override summary = 'Change your own password, or, as user-admin, that of somebody who has forgotten it. Other sessions end.';
  static override examples = ['<%= config.bin %> user password', '<%= config.bin %> user password ada < password.txt'];
  static override args = { name: Args.string({ description: 'The user; you when absent.' }) };

  override async run(): Promise<number> {
    const { args } = await this.parse(UserPassword);
    const { control } = await this.master();
    if (args.name !== undefined) {
      await control.users.setPassword({ name: args.name, password: await askPassword(this.host, `New password of ${args.name}, 12 characters or more`) });
      this.print(`user ${args.name} has another password, and is signed in nowhere`);
      return 0;
    }
    if (!this.host.isInteractive) throw new UsageError('your own password is asked for at a terminal alone: the one of now, then the new one');
    const before = await askPassword(this.host, 'Password of now');
    await control.users.changeOwnPassword({ before, password: await askPassword(this.host, 'New password, 12 characters or more') });
    this.print('your password was changed; you are signed in here alone');
    return 0;
  }
}
