import { Args, Flags } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { plainName } from '../../names.js';

export default class NetworkStatus extends KontenaCommand {
  static override summary = 'Show the tunnels between nodes, and what is wrong with them.';
  static override description = 'Each line is a tunnel as its first node sees it. HANDSHAKE is how long ago both ends agreed on keys; an idle tunnel has an old one.';
  static override examples = ['<%= config.bin %> network status', '<%= config.bin %> network status n1 -o json'];
  static override args = { node: Args.string({ description: 'Only as this node sees it.' }) };
  static override flags = { output: Flags.string({ char: 'o', options: ['table', 'json'], default: 'table', helpValue: 'table|json', summary: 'Form of the answer.' }) };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(NetworkStatus);
    const { showNetwork } = await import('../../network.js');
    return showNetwork(this, { node: args.node === undefined ? undefined : plainName('node', args.node), isProbed: false, isJson: flags.output === 'json' });
  }
}
