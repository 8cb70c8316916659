import { Flags } from '../../oclif.js';
import { isoTime } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { durationFlag, jsonFlag } from '../../flags.js';

export default class TokenCreate extends KontenaCommand {
  static override summary = 'Make a token with which agents join the grid. It is shown once.';
  static override examples = ['<%= config.bin %> token create --ttl 1h', 'TOKEN=$(<%= config.bin %> token create --label region=eu)'];
  static override flags = {
    ttl: durationFlag({ default: 86_400_000, defaultHelp: () => Promise.resolve('24h'), summary: 'How long it may be used.' }),
    label: Flags.string({ char: 'l', multiple: true, multipleNonGreedy: true, helpValue: '<key=value>', summary: 'Label of the nodes that join with it.' }),
    output: jsonFlag(),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(TokenCreate);
    const { control, grid } = await this.master();
    const { id, token, expiresAt } = await control.createToken(grid, { ttlSeconds: Math.ceil(flags.ttl / 1000), labels: flags.label ?? [] });
    if (flags.output === 'json') {
      await this.printJson({ kind: 'Token', grid, name: id, token, expiresAt: isoTime(expiresAt) });
      return 0;
    }
    const { credential } = await this.chosen();
    this.print(token);
    this.note(`It may be used until ${isoTime(expiresAt)}. On the machine that joins:`, `  KONTENA_TOKEN=${token} ${this.config.bin} agent install --master ${credential.server}`);
    return 0;
  }
}
