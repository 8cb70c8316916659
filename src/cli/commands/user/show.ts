import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { outputFlag } from '../../flags.js';
import { plainName } from '../../names.js';
import { Args } from '../../oclif.js';

export default class UserShow extends KontenaCommand {
  static override summary = 'Show a person that this master knows, and where they are signed in.';
  static override examples = ['<%= config.bin %> user show ada'];
  static override args = { name: Args.string({ required: true, description: 'The user, as `user list` shows it.' }) };
  static override flags = { output: outputFlag() };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(UserShow);
    const name = plainName('user', args.name);
    const { control, grid } = await this.master();
    for (const user of await collect(control.resources.list({ grid, kind: 'user', name }))) await this.printRecord('user', user, flags.output);
    if (flags.output !== 'table' && flags.output !== 'wide') return 0;
    const sessions = await collect(control.resources.list({ grid, kind: 'session' }));
    await this.printList('session', sessions.filter(({ spec }) => spec['user'] === name), flags.output);
    return 0;
  }
}
