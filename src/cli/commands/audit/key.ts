import { keyOfAudit } from '../../../audit/index.js';
import { KontenaCommand } from '../../command.js';

export default class AuditKey extends KontenaCommand {
  static override summary = 'Print the public key that checks the signatures of the audit log.';
  static override description = 'Ask for it once, and keep it where the master cannot write.';
  static override examples = ['<%= config.bin %> audit key > audit.pub'];

  override async run(): Promise<number> {
    await this.parse(AuditKey);
    const { control } = await this.master();
    const enough = new AbortController();
    for await (const piece of control.audit.export(enough.signal)) {
      this.print(keyOfAudit(Buffer.from(piece).toString()).trimEnd());
      break;
    }
    enough.abort();
    return 0;
  }
}
