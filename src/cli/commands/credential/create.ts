import { resolve } from 'node:path';
import { isoTime } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { requireNoFile, writeCredential } from '../../context/index.js';
import { durationFlag } from '../../flags.js';
import { Args, Flags } from '../../oclif.js';

export default class CredentialCreate extends KontenaCommand {
  static override summary = 'Make a credential for a person or a program, in a file to hand to them.';
  static override description = 'Who has the file has the credential. It renews itself while it is used; `credential revoke` takes it back at once.';
  static override examples = ['<%= config.bin %> credential create ada --role developer', '<%= config.bin %> credential create ci --role developer --grid shop --for 30d --file ci.json'];
  static override args = { name: Args.string({ required: true, description: 'Whose it is; the history bears this name.' }) };
  static override flags = {
    role: Flags.string({ required: true, helpValue: '<role>', summary: 'What it may do: viewer, developer, operator or grid-admin in the grid, user-admin or master-admin on the master, or a role of your own.' }),
    for: durationFlag({ default: 90 * 86_400_000, defaultHelp: () => Promise.resolve('90d'), summary: 'How long it is good, counted anew with each renewal.' }),
    file: Flags.string({ helpValue: '<file>', summary: 'Where to write it, in place of NAME.json.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(CredentialCreate);
    const path = resolve(this.host.directory, flags.file ?? `${args.name}.json`);
    await requireNoFile(path);
    const { control, grid } = await this.master();
    const { endsAt, name, ...papers } = await control.credentials.create({ name: args.name, lifetimeSeconds: Math.ceil(flags.for / 1000), role: flags.role, grid });
    const { credential } = await this.chosen();
    await writeCredential(path, { ...papers, server: credential.server, grid });
    this.print(path);
    this.note(`It is good until ${isoTime(endsAt)}. Where it is to be used:`, `  ${this.config.bin} context add NAME --from ${flags.file ?? `${name}.json`}`);
    return 0;
  }
}
