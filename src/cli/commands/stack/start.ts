import { KontenaCommand } from '../../command.js';
import { operate, operateFlags, several } from '../../operate.js';

export default class StackStart extends KontenaCommand {
  static override summary = 'Start all services of stacks that were stopped.';
  static override examples = ['<%= config.bin %> stack start todo'];
  static override strict = false;
  static override args = several;
  static override flags = operateFlags;

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(StackStart);
    return operate(this, { kind: 'stack', verb: 'start', typed: argv, flags });
  }
}
