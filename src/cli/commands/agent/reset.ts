import { resolve } from 'node:path';
import { Flags } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { localEngine } from '../../processes/index.js';

export default class AgentReset extends KontenaCommand {
  static override summary = 'Remove this node\'s containers, and all that its network is on this machine.';
  static override description = 'Stop the agent first. Its data directory stays: when it starts again, it does what it was last told. Named volumes stay, too.';
  static override examples = ['systemctl stop kontena-agent && <%= config.bin %> agent reset', '<%= config.bin %> agent reset --data /srv/agent --docker unix:///run/docker.sock --yes'];
  static override flags = {
    data: Flags.string({ default: '/var/lib/kontena/agent', helpValue: '<dir>', summary: 'Data directory of the agent.' }),
    docker: Flags.string({ helpValue: '<unix://socket>', summary: 'Socket of the container engine.' }),
    yes: yesFlag,
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(AgentReset);
    const data = resolve(this.host.directory, flags.data);
    await this.confirm(`Remove the containers and the network of the node whose data is in ${data}?`, flags.yes);
    await this.host.become('agent', ['--reset', '--data', data, '--docker', flags.docker ?? localEngine(this.host.env), ...(flags.debug ? ['--debug'] : [])]);
    return 0;
  }
}
