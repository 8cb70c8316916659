import { KontenaCommand } from '../../command.js';
import { operate, operateFlags, several } from '../../operate.js';

export default class StackRedeploy extends KontenaCommand {
  static override summary = 'Deploy all services of stacks again as they are declared.';
  static override description = 'As restart; what went back after a failure is tried anew.';
  static override examples = ['<%= config.bin %> stack redeploy todo'];
  static override strict = false;
  static override args = several;
  static override flags = operateFlags;

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(StackRedeploy);
    return operate(this, { kind: 'stack', verb: 'redeploy', typed: argv, flags });
  }
}
