import { KontenaCommand } from '../../../command.js';
import { Flags } from '../../../oclif.js';
import { givenSecret } from '../../../passwords.js';
import { readText } from '../../../text-file.js';

export default class AuthLdapSet extends KontenaCommand {
  static override summary = 'Let people sign in with the password that a directory knows. It is kept once the directory has answered.';
  static override description = 'Nothing is said to it but over TLS. Groups, and those that they are in, become members: `member add --group devs --role developer`. Users of the master\'s own stay what they are.';
  static override examples = ['<%= config.bin %> auth ldap set --url ldaps://ldap.example.com --user-base ou=people,dc=example,dc=com --group-base ou=groups,dc=example,dc=com --bind-dn cn=kontena,dc=example,dc=com --secret-stdin < secret.txt'];
  static override flags = {
    url: Flags.string({ required: true, helpValue: '<url>', summary: 'ldaps://HOST, or ldap://HOST, which becomes TLS first.' }),
    ca: Flags.string({ helpValue: '<file>', summary: 'Certificate of the CA that the directory is signed by (PEM); those of the master\'s machine otherwise.' }),
    'bind-dn': Flags.string({ helpValue: '<dn>', summary: 'As whom it is searched.' }),
    'secret-stdin': Flags.boolean({ default: false, summary: 'Read the password of that from stdin; the one that is kept stays otherwise.' }),
    'user-base': Flags.string({ required: true, helpValue: '<dn>', summary: 'Below which people are.' }),
    'user-attribute': Flags.string({ default: 'uid', helpValue: '<attribute>', summary: 'Whose value is the user\'s name; sAMAccountName in an Active Directory.' }),
    'group-base': Flags.string({ helpValue: '<dn>', summary: 'Below which groups are; none are looked for otherwise.' }),
    'group-attribute': Flags.string({ default: 'cn', helpValue: '<attribute>', summary: 'Whose value is a group\'s name.' }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(AuthLdapSet);
    const { ca, 'bind-dn': bindDn, 'group-base': groupBase } = flags;
    const { control } = await this.master();
    const settings = {
      kind: 'ldap', url: flags.url, userBase: flags['user-base'], userAttribute: flags['user-attribute'], groupAttribute: flags['group-attribute'],
      ...(ca === undefined ? {} : { ca: await readText(this.host, ca) }), ...(bindDn === undefined ? {} : { bindDn }), ...(groupBase === undefined ? {} : { groupBase }),
    } as const;
    await control.providers.set({ settings, ...(await givenSecret(this.host, flags['secret-stdin'])) });
    this.print(`people sign in by what ${flags.url} knows from now on: \`${this.config.bin} login --user NAME\``);
    return 0;
  }
}
