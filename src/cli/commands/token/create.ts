import { Flags } from '../../oclif.js';
import { isoTime } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { durationFlag, jsonFlag } from '../../flags.js';

export default class TokenCreate extends KontenaCommand {
  static override summary = 'Make a token with which agents join the grid. It is shown once.';
  static override examples = ['<%= config.bin %> token create', 'TOKEN=$(<%= config.bin %> token create --uses 3 --label region=eu)', '<%= config.bin %> token create --node n1'];
  static override flags = {
    ttl: durationFlag({ default: 3_600_000, defaultHelp: () => Promise.resolve('1h'), summary: 'How long it may be used.' }),
    uses: Flags.integer({ min: 1, default: 1, exclusive: ['node'], helpValue: '<number>', summary: 'How many machines may join with it.' }),
    node: Flags.string({ helpValue: '<name>', summary: 'Only for the node of this name, in the place of another machine if it is known.' }),
    label: Flags.string({ char: 'l', multiple: true, multipleNonGreedy: true, helpValue: '<key=value>', summary: 'Label of the nodes that join with it.' }),
    output: jsonFlag(),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(TokenCreate);
    const { control, grid } = await this.master();
    const { id, token, expiresAt } = await control.tokens.create(grid, {
      ttlSeconds: Math.ceil(flags.ttl / 1000),
      labels: flags.label ?? [],
      ...(flags.node === undefined ? { uses: flags.uses } : { node: flags.node }),
    });
    if (flags.output === 'json') {
      await this.printJson({ kind: 'Token', grid, name: id, token, expiresAt: isoTime(expiresAt) });
      return 0;
    }
    const { credential } = await this.chosen();
    this.print(token);
    const times = flags.uses === 1 ? 'once' : `${String(flags.uses)} times`;
    const name = flags.node === undefined ? '' : ` --name ${flags.node}`;
    this.note(`It may be used ${times}, until ${isoTime(expiresAt)}. On the machine that joins:`, `  KONTENA_TOKEN=${token} ${this.config.bin} agent install --master ${credential.server}${name}`);
    return 0;
  }
}
