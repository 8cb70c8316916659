import { KontenaCommand } from '../../command.js';
import { operate, operateFlags, several } from '../../operate.js';

export default class ServiceRedeploy extends KontenaCommand {
  static override summary = 'Deploy services again as they are declared.';
  static override description = 'As restart; what went back after a failure is tried anew.';
  static override examples = ['<%= config.bin %> service redeploy todo/web'];
  static override strict = false;
  static override args = several;
  static override flags = operateFlags;

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(ServiceRedeploy);
    return operate(this, { kind: 'service', verb: 'redeploy', typed: argv, flags });
  }
}
