import { Flags } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { DevCluster, devFolder } from '../../processes/index.js';

export default class DevDown extends KontenaCommand {
  static override summary = 'Stop the master and agents of this machine\'s cluster; containers and data stay.';
  static override flags = {
    purge: Flags.boolean({ default: false, summary: 'Remove its containers and its data too.' }),
    data: Flags.string({ helpValue: '<dir>', summary: 'Folder of the cluster. Default: ~/.local/share/kontena/dev.' }),
    yes: yesFlag,
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(DevDown);
    const cluster = new DevCluster(this.host, devFolder(this.host, flags.data));
    if (flags.purge) await this.confirm(`Remove the containers and the data in ${cluster.folder}?`, flags.yes);
    const stopped = await cluster.down();
    this.print(stopped.length === 0 ? 'nothing was running' : `stopped: ${stopped.join(', ')}`);
    if (flags.purge) this.print(`removed: ${String(await cluster.purge())} containers, and the data in ${cluster.folder}`);
    return 0;
  }
}
