import { Args, Flags } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { plainName } from '../../names.js';

export default class NetworkCheck extends KontenaCommand {
  static override summary = 'Let every node reach for all others through its tunnels, and show what it found.';
  static override description = 'Three tries each. The exit code is 1 when some node does not reach another, or says that something of its network is wrong.';
  static override examples = ['<%= config.bin %> network check', '<%= config.bin %> network check n1'];
  static override args = { node: Args.string({ description: 'Only this node reaches for all others.' }) };
  static override flags = { output: Flags.string({ char: 'o', options: ['table', 'json'], default: 'table', helpValue: 'table|json', summary: 'Form of the answer.' }) };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(NetworkCheck);
    const { showNetwork } = await import('../../network.js');
    return showNetwork(this, { node: args.node === undefined ? undefined : plainName('node', args.node), isProbed: true, isJson: flags.output === 'json' });
  }
}
