import { join, resolve } from 'node:path';
import { KontenaCommand } from '../../command.js';
import { installUnit, masterArguments, masterFlags } from '../../processes/index.js';

export default class MasterInstall extends KontenaCommand {
  static override summary = 'Install the master as a systemd unit, kontena-master, and start it.';
  static override examples = ['<%= config.bin %> master install --advertise master.example.com'];
  static override flags = masterFlags;

  override async run(): Promise<number> {
    const { flags } = await this.parse(MasterInstall);
    const args = masterArguments({ ...flags, advertise: flags.advertise }, this.host.directory);
    const command = [join(this.host.programs, 'master.mjs'), ...args];
    const path = await installUnit({ name: 'kontena-master', description: 'Kontena master', command, after: [], secrets: {} });
    this.print(`${path} is installed and started`);
    this.note(`To use it from here: ${this.config.bin} context add NAME --from ${join(resolve(this.host.directory, flags.data), 'admin.json')}`);
    return 0;
  }
}
