import { KontenaCommand } from '../../command.js';
import { Args, Flags } from '../../oclif.js';

export default class RoleCreate extends KontenaCommand {
  static override summary = 'Make a role of your own, or say anew what it may do.';
  static override examples = ['<%= config.bin %> role create deployer --allow stack.apply,stack.follow,stack.list', '<%= config.bin %> role create web-team --allow \'stack.*,service.*,instance.*\' --stacks \'web-*\''];
  static override args = { name: Args.string({ required: true, description: 'Name of the role.' }) };
  static override flags = {
    allow: Flags.string({ required: true, multiple: true, delimiter: ',', helpValue: '<actions>', summary: 'What it may do: `stack.apply`, or all upon something: `stack.*`; several with commas.' }),
    stacks: Flags.string({ multiple: true, delimiter: ',', helpValue: '<patterns>', summary: 'Only to these stacks and what belongs to them: `web-*`; all by default.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(RoleCreate);
    const { control } = await this.master();
    await control.roles.create({ name: args.name, allow: flags.allow, ...(flags.stacks === undefined ? {} : { stacks: flags.stacks }) });
    this.print(`role ${args.name} may ${flags.allow.join(', ')}${flags.stacks === undefined ? '' : ` of stacks ${flags.stacks.join(', ')}`}`);
    this.note('To give it:', `  ${this.config.bin} member add NAME --role ${args.name}`);
    return 0;
  }
}
