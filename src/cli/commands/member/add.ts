import { KontenaCommand } from '../../command.js';
import { groupFlag, memberMeant } from '../../members.js';
import { Args, Flags } from '../../oclif.js';

export default class MemberAdd extends KontenaCommand {
  static override summary = 'Give a user, a group or a credential a role: in the grid, or on the master for user-admin and master-admin.';
  static override description = 'Nobody gives more than they have. What roles there are, and what each may do: `kontenactl get roles`.';
  static override examples = ['<%= config.bin %> member add ada --role developer', '<%= config.bin %> member add ada --role viewer --grid shop', '<%= config.bin %> member add --group devs --role developer'];
  static override args = { name: Args.string({ description: 'A user or a credential, as `user list` and `credential list` show them.' }) };
  static override flags = {
    group: groupFlag,
    role: Flags.string({ required: true, helpValue: '<role>', summary: 'viewer, developer, operator, grid-admin, user-admin, master-admin, or one of your own.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(MemberAdd);
    const { control, grid } = await this.master();
    const name = memberMeant(args.name, flags.group);
    await control.members.add(grid, { name, role: flags.role });
    this.print(`${name} is ${flags.role}`);
    return 0;
  }
}
