import { resolve } from 'node:path';
import { Args } from '../oclif.js';
import { KontenaCommand } from '../command.js';
import { writeWhole } from '../write-whole.js';

export default class Backup extends KontenaCommand {
  static override summary = 'Write the master\'s whole state into one file.';
  static override description = 'The file holds the master\'s keys: keep it as you keep them. It appears whole or not at all.';
  static override examples = ['<%= config.bin %> backup kontena.backup', '<%= config.bin %> backup - | ssh safe "cat > kontena.backup"'];
  static override args = { file: Args.string({ required: true, description: 'File to write, or - for stdout.' }) };

  override async run(): Promise<number> {
    const { args } = await this.parse(Backup);
    const { control } = await this.master();
    const over = new AbortController();
    const forget = this.host.onInterrupt(() => over.abort());
    try {
      if (args.file === '-') for await (const piece of control.master.backup(over.signal)) this.host.out.write(piece);
      else this.print(`${args.file}: ${String(await writeWhole(resolve(this.host.directory, args.file), control.master.backup(over.signal), 'the backup'))} bytes`);
    } finally {
      forget();
    }
    return 0;
  }
}
