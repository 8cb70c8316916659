import { Flags } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { outputFlag } from '../../flags.js';
import { renderData, renderTable } from '../../output/index.js';
import { DEV_COLUMNS, DevCluster, devFolder } from '../../processes/index.js';

export default class DevStatus extends KontenaCommand {
  static override summary = 'Show the master and agents of this machine\'s cluster.';
  static override examples = ['<%= config.bin %> dev status', '<%= config.bin %> dev status -o json'];
  static override flags = {
    output: outputFlag(),
    data: Flags.string({ helpValue: '<dir>', summary: 'Folder of the cluster. Default: ~/.local/share/kontena/dev.' }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(DevStatus);
    const cluster = new DevCluster(this.host, devFolder(this.host, flags.data));
    const { server, processes } = await cluster.status();
    const items = processes.map((process) => ({ ...process, running: process.pid !== undefined }));
    if (flags.output === 'json' || flags.output === 'yaml') this.print(...(await renderData({ kind: 'DevStatus', data: cluster.folder, server, items }, flags.output)));
    else if (flags.output === 'name') this.print(...items.map(({ name }) => name));
    else if (items.length === 0) this.print(`There is no cluster in ${cluster.folder}.`);
    else this.print(...renderTable(DEV_COLUMNS, items, this.host.out.columns), `server: ${server ?? ''}`);
    return 0;
  }
}
