import { KontenaCommand } from '../../command.js';
import { operate, operateFlags, several } from '../../operate.js';

export default class StackStop extends KontenaCommand {
  static override summary = 'Stop all services of stacks: they stand still, whatever is applied or restarted, until they are started.';
  static override description = 'What they keep stays on its node. Applying the file of the stack does not start them, and says so.';
  static override examples = ['<%= config.bin %> stack stop todo'];
  static override strict = false;
  static override args = several;
  static override flags = operateFlags;

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(StackStop);
    return operate(this, { kind: 'stack', verb: 'stop', typed: argv, flags });
  }
}
