import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { outputFlag } from '../../flags.js';

export default class VaultList extends KontenaCommand {
  static override readonly otherNames = ['vault:ls'];
  static override summary = 'Show the secrets of the vault, without their values.';
  static override examples = ['<%= config.bin %> vault list', '<%= config.bin %> vault list -o name'];
  static override flags = { output: outputFlag() };

  override async run(): Promise<number> {
    const { flags } = await this.parse(VaultList);
    const { control, grid } = await this.master();
    await this.printList('secret', await collect(control.resources.list({ grid, kind: 'secret' })), flags.output);
    return 0;
  }
}
