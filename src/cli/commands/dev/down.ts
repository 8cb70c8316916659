import { Flags } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { DevCluster, devFolder } from '../../processes/index.js';

export default class DevDown extends KontenaCommand {
  static override summary = 'Stop the master and agents of this machine\'s cluster; containers and data stay.';
  static override examples = ['<%= config.bin %> dev down', '<%= config.bin %> dev down --purge --yes'];
  static override flags = {
    purge: Flags.boolean({ default: false, summary: 'Remove its containers, its networks and its data too.' }),
    data: Flags.string({ helpValue: '<dir>', summary: 'Folder of the cluster. Default: ~/.local/share/kontena/dev.' }),
    yes: yesFlag,
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(DevDown);
    const cluster = new DevCluster(this.host, devFolder(this.host, flags.data));
    if (flags.purge) await this.confirm(`Remove the containers and the data in ${cluster.folder}?`, flags.yes);
    const stopped = await cluster.down();
    this.print(stopped.length === 0 ? 'nothing was running' : `stopped: ${stopped.join(', ')}`);
    return flags.purge ? this.#purge(cluster) : 0;
  }

  async #purge(cluster: DevCluster): Promise<number> {
    const { removed, left, networks } = await cluster.purge();
    this.print(`removed: ${String(removed)} ${removed === 1 ? 'container' : 'containers'}, and the data in ${cluster.folder}`);
    for (const { socket, reason, label } of left) {
      const docker = `docker -H ${socket}`;
      const ofCluster = `-q --filter label=${label}`;
      this.note(`left: the containers of ${socket}, for ${reason}`, `If that engine comes back: ${docker} rm -f -v $(${docker} ps -a ${ofCluster}); ${docker} network rm $(${docker} network ls ${ofCluster})`);
    }
    for (const { node, what, reason, remedy } of networks) this.note(`left: the ${what} of node ${node}, for ${reason}`, `  ${remedy}`);
    return left.length + networks.length === 0 ? 0 : 1;
  }
}
