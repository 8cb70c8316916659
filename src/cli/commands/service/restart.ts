import { KontenaCommand } from '../../command.js';
import { operate, operateFlags, several } from '../../operate.js';

export default class ServiceRestart extends KontenaCommand {
  static override summary = 'Replace the instances of services by their like, some at a time.';
  static override description = 'At the revision that runs, as many at a time as min_health allows.';
  static override examples = ['<%= config.bin %> service restart todo/web'];
  static override strict = false;
  static override args = several;
  static override flags = operateFlags;

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(ServiceRestart);
    return operate(this, { kind: 'service', verb: 'restart', typed: argv, flags });
  }
}
