import { Flags } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { renderTable } from '../../output/index.js';
import { DEV_COLUMNS, DEV_CONTEXT, DevCluster, devFolder } from '../../processes/index.js';
import { UsageError } from '../../usage-error.js';

export default class DevUp extends KontenaCommand {
  static override summary = 'Bring up a master and agents on this machine, in the background, and use them.';
  static override description = 'Starts what is missing and adopts what lives; returns when every node is online. Each --docker is one node; without it, the local engine is.';
  static override examples = ['<%= config.bin %> dev up', '<%= config.bin %> dev up --nodes 3', '<%= config.bin %> dev up --docker unix:///run/a.sock --docker unix:///run/b.sock'];
  static override flags = {
    docker: Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: '<unix://socket>', summary: 'Engine of a node; once per node.' }),
    nodes: Flags.integer({ min: 1, helpValue: '<n>', summary: 'How many nodes; engines are handed out in turn. Nodes of one machine share its ports.' }),
    data: Flags.string({ helpValue: '<dir>', summary: 'Folder of this cluster. Default: ~/.local/share/kontena/dev.' }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(DevUp);
    const docker = flags.docker ?? [];
    const wrong = docker.find((socket) => !/^unix:\/\/\/./.test(socket));
    if (wrong !== undefined) throw new UsageError(`--docker ${wrong}: a socket is wanted, like unix:///var/run/docker.sock`);
    const cluster = new DevCluster(this.host, devFolder(this.host, flags.data));
    await cluster.up({ docker, nodes: flags.nodes }, (line) => this.note(line));
    const { processes } = await cluster.status();
    this.print(...renderTable(DEV_COLUMNS, processes, this.host.out.columns));
    this.note(`context ${DEV_CONTEXT} is used from now on`);
    return 0;
  }
}
