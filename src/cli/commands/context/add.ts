import { resolve } from 'node:path';
import { Args, Flags } from '../../oclif.js';
import { isName, KontenaError } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { addContext, readCredential, type Context } from '../../context/index.js';
import type { Host } from '../../host.js';
import { readText } from '../../text-file.js';
import { UsageError } from '../../usage-error.js';

type Papers = Readonly<Partial<Record<'from' | 'ca' | 'certificate' | 'key', string | undefined>>>;

export default class ContextAdd extends KontenaCommand {
  static override summary = 'Add a context, or replace the one of that name, and use it.';
  static override description = 'The credential file is read each time, so keep it where it is: the master renews it. Or give its parts, which the context then holds itself.';
  static override examples = [
    '<%= config.bin %> context add prod --from /var/lib/kontena/master/admin.json',
    '<%= config.bin %> context add prod --from admin.json --server master.example.com:9292',
    '<%= config.bin %> context add prod --server master.example.com:9292 --ca ca.pem --certificate me.pem --key me.key',
  ];
  static override args = { name: Args.string({ required: true, description: 'Name of the context.' }) };
  static override flags = {
    from: Flags.string({ helpValue: '<file>', summary: 'Credential file, admin.json of the master\'s data directory.' }),
    server: Flags.string({ helpValue: '<host:port>', summary: 'Address of the master, in place of the credential file\'s.' }),
    ca: Flags.string({ helpValue: '<file>', exclusive: ['from'], dependsOn: ['server', 'certificate', 'key'], summary: 'Certificate of the master\'s CA (PEM).' }),
    certificate: Flags.string({ helpValue: '<file>', exclusive: ['from'], dependsOn: ['ca', 'key'], summary: 'Certificate of who asks (PEM).' }),
    key: Flags.string({ helpValue: '<file>', exclusive: ['from'], dependsOn: ['ca', 'certificate'], summary: 'Its private key (PEM).' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(ContextAdd);
    if (!isName(args.name)) throw new KontenaError('KON_INVALID', `"${args.name}" cannot name a context: letters, digits, "-" and "_" can`);
    const context: Context = {
      name: args.name,
      ...(flags.server === undefined ? {} : { server: flags.server }),
      ...(flags.grid === undefined ? {} : { grid: flags.grid }),
      ...(await papersOf(this.host, flags)),
    };
    const { credential } = await readCredential(context);
    (await this.host.connect(credential, { timeoutMs: 0 })).close(); // refuses what is no credential; nothing is asked of the master
    await addContext(this.host, context);
    this.print(`context ${args.name} (${credential.server}) is used from now on`);
    return 0;
  }
}

/** What opens the master: a file that is named, or the parts themselves. */
async function papersOf(host: Host, { from, ca, certificate, key }: Papers): Promise<Partial<Context>> {
  if (from !== undefined) {
    await readText(host, from);
    return { credential: resolve(host.directory, from) };
  }
  if (ca === undefined || certificate === undefined || key === undefined) throw new UsageError('a context needs a credential: give --from FILE, or --server, --ca, --certificate and --key');
  return { ca: await readText(host, ca), certificate: await readText(host, certificate), key: await readText(host, key) };
}
