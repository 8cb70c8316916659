import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { outputFlag } from '../../flags.js';

export default class CertificateList extends KontenaCommand {
  static override readonly otherNames = ['certificate:ls'];
  static override summary = 'Show the certificates of the vault, without their keys.';
  static override examples = ['<%= config.bin %> certificate list -o wide'];
  static override flags = { output: outputFlag() };

  override async run(): Promise<number> {
    const { flags } = await this.parse(CertificateList);
    const { control, grid } = await this.master();
    await this.printList('certificate', await collect(control.resources.list({ grid, kind: 'certificate' })), flags.output);
    return 0;
  }
}
