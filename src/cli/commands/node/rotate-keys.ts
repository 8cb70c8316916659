import { Args } from '../../oclif.js';
import { KontenaCommand } from '../../command.js';
import { plainName } from '../../names.js';

export default class NodeRotateKeys extends KontenaCommand {
  static override summary = 'Give a node another key for its tunnels.';
  static override description = 'The other nodes learn of it within a second. What is under way meanwhile is sent again by those who sent it; no connection is lost.';
  static override examples = ['<%= config.bin %> node rotate-keys n1'];
  static override args = { node: Args.string({ required: true, description: 'Name of the node.' }) };

  override async run(): Promise<number> {
    const { args } = await this.parse(NodeRotateKeys);
    const name = plainName('node', args.node);
    const { control, grid } = await this.master();
    const { publicKey } = await control.nodes.rotateKeys(grid, name, new AbortController().signal);
    this.print(`node ${name} has another key for its tunnels: ${publicKey}`);
    return 0;
  }
}
