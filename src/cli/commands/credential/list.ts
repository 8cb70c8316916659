import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { outputFlag } from '../../flags.js';

export default class CredentialList extends KontenaCommand {
  static override readonly otherNames = ['credential:ls'];
  static override summary = 'Show who may use this master: each credential, and until when.';
  static override examples = ['<%= config.bin %> credential list'];
  static override flags = { output: outputFlag() };

  override async run(): Promise<number> {
    const { flags } = await this.parse(CredentialList);
    const { control, grid } = await this.master();
    await this.printList('credential', await collect(control.resources.list({ grid, kind: 'credential' })), flags.output);
    return 0;
  }
}
