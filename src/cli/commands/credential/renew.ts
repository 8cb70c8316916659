import { isoTime } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { renewWhereItLies } from '../../context/index.js';

export default class CredentialRenew extends KontenaCommand {
  static override summary = 'Renew the credential of this context now, with a new key.';
  static override description = 'What is in use renews itself in time; this is for a change of the certificate authority.';
  static override examples = ['<%= config.bin %> credential renew'];

  override async run(): Promise<number> {
    await this.parse(CredentialRenew);
    const { control } = await this.master();
    const renewed = await renewWhereItLies(this.host, await this.chosen(), () => control.credentials.renew());
    if (renewed === undefined) this.print('the credential was renewed by another command just now');
    else this.print(`credential ${renewed.name} is good until ${isoTime(renewed.endsAt)}`);
    return 0;
  }
}
