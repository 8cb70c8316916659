import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { plainName } from '../../names.js';
import { Args, Flags } from '../../oclif.js';

export default class CertificateRemove extends KontenaCommand {
  static override readonly otherNames = ['certificate:rm'];
  static override summary = 'Remove a certificate that no service opens, and its private key.';
  static override examples = ['<%= config.bin %> certificate remove example.com'];
  static override args = { subject: Args.string({ required: true, description: 'Name it is kept under.' }) };
  static override flags = { force: Flags.boolean({ default: false, hidden: true, summary: 'As --yes.' }), yes: yesFlag };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(CertificateRemove);
    const name = plainName('certificate', args.subject);
    const { control, grid } = await this.master();
    await this.confirm(`Remove the certificate of ${name} from the vault of grid ${grid}?`, flags.yes || flags.force);
    await control.resources.remove(grid, 'certificate', name);
    this.print(`certificate/${name} is removed`);
    return 0;
  }
}
