import { KontenaCommand } from '../../command.js';
import { operate, operateFlags, several } from '../../operate.js';

export default class ServiceStart extends KontenaCommand {
  static override summary = 'Start services that were stopped.';
  static override examples = ['<%= config.bin %> service start todo/web'];
  static override strict = false;
  static override args = several;
  static override flags = operateFlags;

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(ServiceStart);
    return operate(this, { kind: 'service', verb: 'start', typed: argv, flags });
  }
}
