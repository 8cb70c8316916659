import { join } from 'node:path';
import { KontenaCommand } from '../../command.js';
import { agentArguments, agentFlags, installUnit } from '../../processes/index.js';

export default class AgentInstall extends KontenaCommand {
  static override summary = 'Install this machine\'s agent as a systemd unit, kontena-agent, and start it.';
  static override examples = ['KONTENA_TOKEN=TOKEN <%= config.bin %> agent install --master master.example.com:9292 --label region=eu'];
  static override flags = agentFlags;

  override async run(): Promise<number> {
    const { flags } = await this.parse(AgentInstall);
    const args = agentArguments({ ...flags, name: flags.name, docker: flags.docker, label: flags.label, 'tunnel-port': flags['tunnel-port'], 'tunnel-key-age': flags['tunnel-key-age'], metrics: flags.metrics }, this.host.directory);
    const command = [join(this.host.programs, 'agent.mjs'), ...args];
    const secrets: Readonly<Record<string, string>> = flags.token === undefined ? {} : { KONTENA_TOKEN: flags.token };
    const path = await installUnit({ name: 'kontena-agent', description: 'Kontena agent', command, after: ['docker.service'], secrets });
    this.print(`${path} is installed and started`);
    return 0;
  }
}
