import { isoTime } from '../../model/index.js';
import type { Who } from '../../ports/index.js';
import { KontenaCommand } from '../command.js';
import { jsonFlag } from '../flags.js';
import { fingerprintsIn } from '../fingerprints.js';

export default class Whoami extends KontenaCommand {
  static override summary = 'Show who this context is at its master, until when, and what roles that has.';
  static override examples = ['<%= config.bin %> whoami', '<%= config.bin %> whoami -o json'];
  static override flags = { output: jsonFlag() };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Whoami);
    const { control } = await this.master();
    const who = await control.sessions.who();
    const { credential } = await this.chosen();
    const authorities = 'token' in credential ? credential.token.split('.').slice(2) : fingerprintsIn(credential.ca);
    if (flags.output === 'json') {
      const { endsAt, ...rest } = who;
      await this.printJson({ kind: 'Who', ...rest, ...(endsAt === undefined ? {} : { endsAt: isoTime(endsAt) }), server: credential.server, authorities });
      return 0;
    }
    this.print(...linesOf(who, credential.server, authorities));
    return 0;
  }
}

function linesOf({ name, as, provider, endsAt, groups, roles, isUnbounded }: Who, server: string, authorities: readonly string[]): readonly string[] {
  const held = roles.map(({ role, grid }) => (grid === undefined ? `${role} on the master` : `${role} in grid ${grid}`));
  return [
    `${name}  (${provider === undefined ? as : `${as}, by ${provider}`}) at ${server}`,
    ...(endsAt === undefined ? [] : [`until      ${isoTime(endsAt)}`]),
    `may        ${isUnbounded ? 'everything' : held.length === 0 ? 'nothing yet: it has no role' : held.join(', ')}`,
    ...(groups.length === 0 ? [] : [`groups     ${groups.join(', ')}`]),
    `authority  ${authorities.join(', ')}`,
  ];
}
