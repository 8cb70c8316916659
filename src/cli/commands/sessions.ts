import { collect } from '../collect.js';
import { KontenaCommand } from '../command.js';
import { outputFlag } from '../flags.js';

export default class Sessions extends KontenaCommand {
  static override summary = 'Show who is signed in, from where, and until when. `delete session NAME` ends one.';
  static override examples = ['<%= config.bin %> sessions', '<%= config.bin %> delete session ada/6f1d02a3b4c5 --yes'];
  static override flags = { output: outputFlag() };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Sessions);
    const { control, grid } = await this.master();
    await this.printList('session', await collect(control.resources.list({ grid, kind: 'session' })), flags.output);
    return 0;
  }
}
