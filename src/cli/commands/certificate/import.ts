import { KontenaCommand } from '../../command.js';
import { Args, Flags } from '../../oclif.js';
import { readText } from '../../text-file.js';
import { tellKept } from '../../vault.js';

export default class CertificateImport extends KontenaCommand {
  static override summary = 'Import a certificate with its private key into the vault.';
  static override description = 'All files are PEM. Services that open the certificate are replaced, some instances at a time.';
  static override examples = ['<%= config.bin %> certificate import example.com.crt --private-key example.com.key --chain intermediate.crt'];
  static override args = { file: Args.string({ required: true, description: 'File of the certificate.' }) };
  static override flags = {
    'private-key': Flags.string({ required: true, aliases: ['key'], helpValue: '<file>', summary: 'File of its private key, without a password.' }),
    chain: Flags.string({ multiple: true, helpValue: '<file>', summary: 'File of the authority that issued it, then of the one that issued that, and so on.' }),
    subject: Flags.string({ helpValue: '<name>', summary: 'Which of its names to keep it under; the first when absent.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(CertificateImport);
    const [certificate, privateKey] = [await readText(this.host, args.file), await readText(this.host, flags['private-key'])];
    const chain = (await Promise.all((flags.chain ?? []).map((file) => readText(this.host, file)))).join('\n');
    const { control, grid } = await this.master();
    tellKept(this, 'certificate', await control.vault.writeCertificate(grid, { certificate, chain, privateKey }, flags.subject));
    return 0;
  }
}
