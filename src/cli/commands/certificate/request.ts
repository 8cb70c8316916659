import type { CertificateRequest } from '../../../ports/index.js';
import { followCertificate } from '../../certificates.js';
import { KontenaCommand } from '../../command.js';
import { durationFlag } from '../../flags.js';
import { Args, Flags } from '../../oclif.js';

export default class CertificateOrder extends KontenaCommand {
  static override summary = 'Have a certificate issued by an ACME authority, now and before each end.';
  static override description = 'It waits until the certificate is there. Ctrl-C and the end of the time leave the work going on. Said again, it tries at once what failed; a certificate that is there is kept until it is due.';
  static override examples = [
    '<%= config.bin %> certificate request example.com www.example.com --answer-on n1',
    "<%= config.bin %> certificate request example.com '*.example.com' --challenge dns-01",
    '<%= config.bin %> certificate request example.com --directory letsencrypt-staging',
    '<%= config.bin %> certificate request example.com --directory zerossl --key-id KID --key-secret zerossl-key',
  ];
  static override strict = false;
  static override args = { name: Args.string({ required: true, description: 'Names it is made out to; it is kept under the first.' }) };
  static override flags = {
    challenge: Flags.string({ options: ['http-01', 'dns-01'], helpValue: 'http-01|dns-01', summary: 'How the authority is shown that the names are yours: by an answer on port 80, or by a record in their DNS. http-01 unless a name has a wildcard.' }),
    directory: Flags.string({ default: 'letsencrypt', helpValue: '<authority>', summary: 'letsencrypt, letsencrypt-staging, zerossl, the https address of another authority\'s directory; or master, whose own authority certifies names of the grid that its nodes trust.' }),
    'answer-on': Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: '<node>', summary: 'Node that answers on its port 80 by itself; otherwise the grid\'s load balancers do.' }),
    email: Flags.string({ helpValue: '<address>', summary: 'Where the authority may write to.' }),
    'key-id': Flags.string({ dependsOn: ['key-secret'], helpValue: '<id>', summary: 'External account binding: the id of the key that the authority gave you.' }),
    'key-secret': Flags.string({ dependsOn: ['key-id'], helpValue: '<secret>', summary: 'And the secret of the vault that holds that key.' }),
    renew: Flags.boolean({ default: false, summary: 'Have another one issued though there is one.' }),
    wait: Flags.boolean({ default: true, allowNo: true, summary: 'Wait until it is there.' }),
    timeout: durationFlag({ default: 300_000, defaultHelp: () => Promise.resolve('5m'), summary: 'How long to wait; the work goes on after it.' }),
  };

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(CertificateOrder);
    const { 'key-id': keyId, 'key-secret': secret, 'answer-on': answerOn = [], challenge, email, directory, renew: isRenewal } = flags;
    const request: CertificateRequest = {
      names: argv as string[], directory, answerOn, isRenewal,
      ...(challenge === undefined ? {} : { challenge }), ...(email === undefined ? {} : { email }), ...(keyId === undefined || secret === undefined ? {} : { binding: { keyId, secret } }),
    };
    const { control, grid } = await this.master();
    const { name, isChanged } = await control.vault.requestCertificate(grid, request);
    this.print(isChanged ? `certificate/${name} is requested` : `certificate/${name} is requested so already`);
    if (!flags.wait) return 0;
    const look = `${this.config.bin} describe certificate ${name}`;
    return followCertificate({ host: this.host, control, grid, name, timeoutMs: flags.timeout, look, print: (line) => this.print(line), note: (line) => this.note(line) });
  }
}
