import { KontenaCommand } from '../../command.js';
import { plainName } from '../../names.js';
import { Args } from '../../oclif.js';

export default class UserDisable extends KontenaCommand {
  static override summary = 'Keep a person out: they sign in no more, and what is open is cut within a second.';
  static override examples = ['<%= config.bin %> user disable ada'];
  static override args = { name: Args.string({ required: true, description: 'The user, as `user list` shows it.' }) };

  override async run(): Promise<number> {
    const { args } = await this.parse(UserDisable);
    const name = plainName('user', args.name);
    const { control } = await this.master();
    await control.users.disable({ name, isDisabled: true });
    this.print(`user ${name} is disabled, and signed in nowhere`);
    return 0;
  }
}
