import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Args } from '../oclif.js';
import { moveWhole } from '../../files/index.js';
import { KontenaError, messageOf } from '../../model/index.js';
import { KontenaCommand } from '../command.js';

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
      else this.print(`${args.file}: ${String(await this.#write(args.file, control.master.backup(over.signal)))} bytes`);
    } finally {
      forget();
    }
    return 0;
  }

  async #write(file: string, pieces: AsyncIterable<Uint8Array>): Promise<number> {
    const path = resolve(this.host.directory, file);
    const scratch = `${path}.part`;
    const target = createWriteStream(scratch, { mode: 0o600, flush: true });
    try {
      await pipeline(Readable.from(pieces), target);
      await moveWhole(scratch, path);
      return target.bytesWritten;
    } catch (error) {
      await rm(scratch, { force: true });
      if (error instanceof KontenaError) throw error;
      throw new KontenaError('KON_FILE_UNREADABLE', `the backup ${path} cannot be written: ${messageOf(error)}`, { cause: error });
    }
  }
}
