import { Flags } from '../../oclif.js';
import { isoTime } from '../../../model/index.js';
import type { NewToken } from '../../../ports/index.js';
import { KontenaCommand } from '../../command.js';
import { durationFlag, jsonFlag } from '../../flags.js';

const HOUR_MS = 3_600_000;
const ROBOT_MS = 90 * 24 * HOUR_MS;

export default class TokenCreate extends KontenaCommand {
  static override summary = 'Make a token with which machines join the grid or, with --role, one for a program. It is shown once.';
  static override description = 'A program that has KONTENA_MASTER and KONTENA_TOKEN in its environment needs no context: it may what the role may, until the token ends or is revoked.';
  static override examples = [
    '<%= config.bin %> token create',
    'TOKEN=$(<%= config.bin %> token create --uses 3 --label region=eu)',
    '<%= config.bin %> token create --node n1',
    '<%= config.bin %> token create --role developer --for 90d --name ci',
  ];
  static override flags = {
    ttl: durationFlag({ default: HOUR_MS, defaultHelp: () => Promise.resolve('1h'), summary: 'How long machines may join with it.' }),
    uses: Flags.integer({ min: 1, default: 1, exclusive: ['node', 'role'], helpValue: '<number>', summary: 'How many machines may join with it.' }),
    node: Flags.string({ exclusive: ['role'], helpValue: '<name>', summary: 'Only for the node of this name, in the place of another machine if it is known.' }),
    label: Flags.string({ char: 'l', multiple: true, multipleNonGreedy: true, exclusive: ['role'], helpValue: '<key=value>', summary: 'Label of the nodes that join with it.' }),
    role: Flags.string({ helpValue: '<role>', summary: 'For a program, not for machines: what it may do, in the grid or, for a role of the master, in all.' }),
    for: durationFlag({ dependsOn: ['role'], summary: 'How long a program may use it; 90d unless said otherwise.' }),
    name: Flags.string({ dependsOn: ['role'], helpValue: '<name>', summary: 'What a program\'s token is called, in the history too.' }),
    output: jsonFlag(),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(TokenCreate);
    const { control, grid } = await this.master();
    const { role, name } = flags;
    if (role !== undefined) {
      return this.#show(grid, await control.tokens.createRobot(grid, { role, lifetimeSeconds: Math.ceil((flags.for ?? ROBOT_MS) / 1000), ...(name === undefined ? {} : { name }) }), flags.output, ({ id, expiresAt }, server) => [
        `It is good until ${isoTime(expiresAt)}, for what ${role} may do; \`${this.config.bin} token revoke ${id}\` takes it back. Where a program is to use it:`,
        `  export KONTENA_MASTER=${server} KONTENA_TOKEN=<the token>`,
      ]);
    }
    const made = await control.tokens.create(grid, { ttlSeconds: Math.ceil(flags.ttl / 1000), labels: flags.label ?? [], ...(flags.node === undefined ? { uses: flags.uses } : { node: flags.node }) });
    const times = flags.uses === 1 ? 'once' : `${String(flags.uses)} times`;
    const named = flags.node === undefined ? '' : ` --name ${flags.node}`;
    return this.#show(grid, made, flags.output, ({ token, expiresAt }, server) => [
      `It may be used ${times}, until ${isoTime(expiresAt)}. On the machine that joins:`,
      `  KONTENA_TOKEN=${token} ${this.config.bin} agent install --master ${server}${named}`,
    ]);
  }

  /** The token alone on stdout, and beside it what to do with it. */
  async #show(grid: string, made: NewToken, output: 'text' | 'json', advice: (made: NewToken, server: string) => readonly string[]): Promise<number> {
    const { id, token, expiresAt } = made;
    if (output === 'json') {
      await this.printJson({ kind: 'Token', grid, name: id, token, expiresAt: isoTime(expiresAt) });
      return 0;
    }
    const { credential } = await this.chosen();
    this.print(token);
    this.note(...advice(made, credential.server));
    return 0;
  }
}
