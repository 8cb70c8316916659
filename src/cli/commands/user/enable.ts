import { KontenaCommand } from '../../command.js';
import { plainName } from '../../names.js';
import { Args } from '../../oclif.js';

export default class UserEnable extends KontenaCommand {
  static override summary = 'Let a person sign in again who was disabled.';
  static override examples = ['<%= config.bin %> user enable ada'];
  static override args = { name: Args.string({ required: true, description: 'The user, as `user list` shows it.' }) };

  override async run(): Promise<number> {
    const { args } = await this.parse(UserEnable);
    const name = plainName('user', args.name);
    const { control } = await this.master();
    await control.users.disable({ name, isDisabled: false });
    this.print(`user ${name} may sign in again`);
    return 0;
  }
}
