import { KontenaCommand } from '../../command.js';
import { operate, operateFlags, several } from '../../operate.js';

export default class StackRestart extends KontenaCommand {
  static override summary = 'Replace the instances of all services of stacks by their like, some at a time.';
  static override description = 'At the revision that runs, as many at a time as min_health allows; services that are stopped are left so.';
  static override examples = ['<%= config.bin %> stack restart todo'];
  static override strict = false;
  static override args = several;
  static override flags = operateFlags;

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(StackRestart);
    return operate(this, { kind: 'stack', verb: 'restart', typed: argv, flags });
  }
}
