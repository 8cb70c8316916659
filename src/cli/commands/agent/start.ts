import { KontenaCommand } from '../../command.js';
import { agentArguments, agentFlags } from '../../processes/index.js';

export default class AgentStart extends KontenaCommand {
  static override summary = 'Run this machine\'s agent in the foreground, until SIGTERM or Ctrl-C; containers stay when it ends.';
  static override examples = [
    'KONTENA_TOKEN=TOKEN <%= config.bin %> agent start --master master.example.com:9292',
    '<%= config.bin %> agent start --master 10.0.0.1:9292 --name n2 --label region=eu --docker unix:///run/docker.sock',
  ];
  static override flags = agentFlags;

  override async run(): Promise<number> {
    const { flags } = await this.parse(AgentStart);
    const args = agentArguments({ ...flags, name: flags.name, docker: flags.docker, label: flags.label, 'tunnel-port': flags['tunnel-port'], 'tunnel-key-age': flags['tunnel-key-age'], metrics: flags.metrics }, this.host.directory);
    await this.host.become('agent', [...args, ...(flags.token === undefined ? [] : ['--token', flags.token]), ...(flags.debug ? ['--debug'] : [])]);
    return 0;
  }
}
