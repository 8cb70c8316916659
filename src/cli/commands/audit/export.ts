import { resolve } from 'node:path';
import { KontenaCommand } from '../../command.js';
import { Flags } from '../../oclif.js';
import { writeWhole } from '../../write-whole.js';

export default class AuditExport extends KontenaCommand {
  static override summary = 'Write the whole audit log, with its hashes and signatures, as lines of JSON.';
  static override description = 'Keep exports where the master cannot write: held against them, a log that was made anew is seen.';
  static override examples = ['<%= config.bin %> audit export -o audit.jsonl', '<%= config.bin %> audit export -o - | gzip > audit.jsonl.gz'];
  static override flags = { output: Flags.string({ char: 'o', required: true, helpValue: '<file>', summary: 'File to write, or - for stdout.' }) };

  override async run(): Promise<number> {
    const { flags } = await this.parse(AuditExport);
    const { control } = await this.master();
    const over = new AbortController();
    const forget = this.host.onInterrupt(() => over.abort());
    try {
      const pieces = control.audit.export(over.signal);
      if (flags.output === '-') for await (const piece of pieces) this.host.out.write(piece);
      else this.print(`${flags.output}: ${String(await writeWhole(resolve(this.host.directory, flags.output), pieces, 'the audit log'))} bytes`);
    } finally {
      forget();
    }
    return 0;
  }
}
