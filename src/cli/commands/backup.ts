import { resolve } from 'node:path';
import { allOfIt, writeOut } from '../all-of-it.js';
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
    const state = allOfIt(this.host, (signal) => control.master.backup(signal));
    if (args.file === '-') await writeOut(this.host, state);
    else this.print(`${args.file}: ${String(await writeWhole(resolve(this.host.directory, args.file), state, 'the backup'))} bytes`);
    return 0;
  }
}
