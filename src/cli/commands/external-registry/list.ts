import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { outputFlag } from '../../flags.js';

export default class ExternalRegistryList extends KontenaCommand {
  static override readonly otherNames = ['external-registry:ls'];
  static override summary = 'Show the registries that are asked as somebody, as whom, and for which services.';
  static override examples = ['<%= config.bin %> external-registry list'];
  static override flags = { output: outputFlag() };

  override async run(): Promise<number> {
    const { flags } = await this.parse(ExternalRegistryList);
    const { control, grid } = await this.master();
    await this.printList('registry', await collect(control.resources.list({ grid, kind: 'registry' })), flags.output);
    return 0;
  }
}
