import { KontenaCommand } from '../../command.js';
import { plainName } from '../../names.js';
import { Args, Flags } from '../../oclif.js';

export default class CertificateExport extends KontenaCommand {
  static override summary = 'Print a certificate of the vault as PEM: itself, its chain and its private key, or some of these.';
  static override examples = ['<%= config.bin %> certificate export example.com > bundle.pem', '<%= config.bin %> certificate export example.com --private-key'];
  static override args = { subject: Args.string({ required: true, description: 'Name it is kept under.' }) };
  static override flags = {
    certificate: Flags.boolean({ default: false, aliases: ['cert'], summary: 'The certificate.' }),
    chain: Flags.boolean({ default: false, summary: 'The authorities that issued it.' }),
    'private-key': Flags.boolean({ default: false, aliases: ['key'], summary: 'The private key.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(CertificateExport);
    const { control, grid } = await this.master();
    const { certificate, chain, privateKey } = await control.vault.readCertificate(grid, plainName('certificate', args.subject));
    const isAll = !flags.certificate && !flags.chain && !flags['private-key'];
    const parts = [isAll || flags.certificate ? certificate : '', isAll || flags.chain ? chain : '', isAll || flags['private-key'] ? privateKey : ''];
    this.host.out.write(parts.join(''));
    return 0;
  }
}
