import { resolve } from 'node:path';
import { Flags } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { localEngine, registryFileArguments, registryFileFlags, resetNode } from '../../processes/index.js';

export default class AgentReset extends KontenaCommand {
  static override summary = 'Take this machine\'s node off it: its containers, its network in the engine, tunnels and packet filter, and what its engine knew of the grid\'s registry.';
  static override description = 'Its agent must not be running. The data directory and named volumes stay: an agent that starts again makes everything anew. To be rid of the node for good, run `node remove` too, and remove the directory.';
  static override examples = ['<%= config.bin %> agent reset', '<%= config.bin %> agent reset --data /srv/kontena --docker unix:///run/docker.sock --yes'];
  static override flags = {
    data: Flags.string({ default: '/var/lib/kontena/agent', helpValue: '<dir>', summary: 'Data directory of the agent.' }),
    docker: Flags.string({ helpValue: '<unix://socket>', summary: 'Socket of the container engine.' }),
    ...registryFileFlags,
    yes: yesFlag,
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(AgentReset);
    const data = resolve(this.host.directory, flags.data);
    const docker = flags.docker ?? localEngine(this.host.env);
    await this.confirm(`Remove the containers and the network of the node whose data is in ${data}?`, flags.yes);
    const { node, containers, network, registry = [], left } = await resetNode(this.host.programs, { data, docker, files: registryFileArguments({ 'registry-certificates': flags['registry-certificates'], 'hosts-file': flags['hosts-file'] }, this.host.directory) });
    const removed = [...containers.map((instance) => `container of ${instance}`), ...network, ...registry];
    this.print(removed.length === 0 ? `nothing of node ${node} was here` : `removed of node ${node}:`, ...removed.map((what) => `  ${what}`));
    for (const { what, reason, remedy } of left) this.note(`left: ${what}, for ${reason}`, `  ${remedy}`);
    return left.length === 0 ? 0 : 1;
  }
}
