import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { outputFlag } from '../../flags.js';

export default class VolumeList extends KontenaCommand {
  static override readonly otherNames = ['volume:ls'];
  static override summary = 'Show the volumes of the grid, who mounts them, and on which nodes data of theirs lies.';
  static override examples = ['<%= config.bin %> volume list', '<%= config.bin %> volume list -o wide'];
  static override flags = { output: outputFlag() };

  override async run(): Promise<number> {
    const { flags } = await this.parse(VolumeList);
    const { control, grid } = await this.master();
    await this.printList('volume', await collect(control.resources.list({ grid, kind: 'volume' })), flags.output);
    return 0;
  }
}
