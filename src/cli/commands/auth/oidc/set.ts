import { KontenaCommand } from '../../../command.js';
import { Flags } from '../../../oclif.js';
import { givenSecret } from '../../../passwords.js';

export default class AuthOidcSet extends KontenaCommand {
  static override summary = 'Let people sign in at a provider of OpenID Connect. It is kept once the provider has answered.';
  static override description = 'At the provider the master is a native or public application, or has a secret; what it is sent back to is http://127.0.0.1 with any port, path /signed-in. Groups become members: `member add --group devs --role developer`.';
  static override examples = ['<%= config.bin %> auth oidc set --issuer https://id.example.com --client-id kontena', '<%= config.bin %> auth oidc set --issuer https://id.example.com --client-id kontena --secret-stdin < secret.txt'];
  static override flags = {
    issuer: Flags.string({ required: true, helpValue: '<url>', summary: 'Address of the provider, as it calls itself.' }),
    'client-id': Flags.string({ required: true, helpValue: '<id>', summary: 'What the provider calls the master.' }),
    'secret-stdin': Flags.boolean({ default: false, summary: 'Read the client\'s secret from stdin; the one that is kept stays otherwise.' }),
    scope: Flags.string({ multiple: true, delimiter: ',', default: ['openid', 'profile', 'email'], helpValue: '<scopes>', summary: 'What is asked for.' }),
    'user-claim': Flags.string({ default: 'preferred_username', helpValue: '<claim>', summary: 'Whose value is the user\'s name.' }),
    'groups-claim': Flags.string({ default: 'groups', helpValue: '<claim>', summary: 'Whose value are the groups.' }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(AuthOidcSet);
    const { control } = await this.master();
    const settings = { kind: 'oidc', issuer: flags.issuer, clientId: flags['client-id'], scopes: flags.scope, userClaim: flags['user-claim'], groupsClaim: flags['groups-claim'] } as const;
    await control.providers.set({ settings, ...(await givenSecret(this.host, flags['secret-stdin'])) });
    this.print(`people sign in at ${flags.issuer} from now on: \`${this.config.bin} login\``);
    return 0;
  }
}
