import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { groupFlag, memberMeant } from '../../members.js';
import { Args, Flags } from '../../oclif.js';

export default class MemberRemove extends KontenaCommand {
  static override readonly otherNames = ['member:rm'];
  static override summary = 'Take a role back, or all that a user, a group or a credential has in the grid; what is open by it is cut.';
  static override examples = ['<%= config.bin %> member remove ada --role operator', '<%= config.bin %> member remove ada --grid shop'];
  static override args = { name: Args.string({ description: 'Whose, as `get members` shows it.' }) };
  static override flags = { group: groupFlag, role: Flags.string({ helpValue: '<role>', summary: 'Only this one.' }), yes: yesFlag };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(MemberRemove);
    const { control, grid } = await this.master();
    const what = flags.role ?? `every role in grid ${grid}`;
    const name = memberMeant(args.name, flags.group);
    await this.confirm(`Take ${what} from ${name}?`, flags.yes);
    await control.members.remove(grid, { name, ...(flags.role === undefined ? {} : { role: flags.role }) });
    this.print(`${name} no longer has ${what}`);
    return 0;
  }
}
