import { KontenaCommand } from '../../command.js';
import { jsonFlag } from '../../flags.js';

export default class ContextCurrent extends KontenaCommand {
  static override summary = 'Show the context that commands work in here.';
  static override examples = ['<%= config.bin %> context current', '<%= config.bin %> context current -o json'];
  static override flags = { output: jsonFlag() };

  override async run(): Promise<number> {
    const { flags } = await this.parse(ContextCurrent);
    const { name, grid, credential } = await this.chosen();
    if (flags.output === 'json') await this.printJson({ kind: 'Context', name, server: credential.server, grid });
    else this.print(`${name} (${credential.server}, grid ${grid})`);
    return 0;
  }
}
