import { Flags } from '../oclif.js';
import { KontenaError } from '../../model/index.js';
import type { MasterInfo } from '../../ports/index.js';
import { KontenaCommand } from '../command.js';
import { jsonFlag } from '../flags.js';

export default class Version extends KontenaCommand {
  static override summary = 'Show the versions of this program and of the master.';
  static override examples = ['<%= config.bin %> version', '<%= config.bin %> version --client -o json'];
  static override flags = { client: Flags.boolean({ default: false, summary: 'Ask no master.' }), output: jsonFlag() };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Version);
    const client = this.config.version;
    const master = flags.client ? undefined : await this.#askMaster();
    if (flags.output === 'json') {
      await this.printJson({ kind: 'Version', client, ...(master === undefined ? {} : typeof master === 'string' ? { reason: master } : { master }) });
      return 0;
    }
    this.print(`client: ${client}`);
    if (typeof master === 'string') this.note(`master: ${master}`);
    else if (master !== undefined) this.print(`master: ${master.version} (cluster ${master.cluster}, epoch ${String(master.epoch)}, revision ${String(master.revision)})`);
    return 0;
  }

  /** What the master says of itself, or why it says nothing. */
  async #askMaster(): Promise<MasterInfo | string> {
    try {
      const { control } = await this.master();
      return await control.master.info();
    } catch (error) {
      if (error instanceof KontenaError) return error.message;
      throw error;
    }
  }
}
