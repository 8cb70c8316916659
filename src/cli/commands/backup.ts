import { resolve } from 'node:path';
import { KontenaError } from '../../model/index.js';
import { allOfIt, writeOut } from '../all-of-it.js';
import { Args, Flags } from '../oclif.js';
import { KontenaCommand } from '../command.js';
import { readText } from '../text-file.js';
import { writeWhole } from '../write-whole.js';

export default class Backup extends KontenaCommand {
  static override summary = 'Write the master\'s whole state into one file.';
  static override description = 'The file holds the master\'s keys: keep it as you keep them, or seal it, in the format of age. It appears whole or not at all.';
  static override examples = ['<%= config.bin %> backup kontena.backup', '<%= config.bin %> backup - | ssh safe "cat > kontena.backup"', '<%= config.bin %> backup kontena.backup --recipient age1…'];
  static override args = { file: Args.string({ required: true, description: 'File to write, or - for stdout.' }) };
  static override flags = {
    passphrase: Flags.string({ helpValue: '<file>', exclusive: ['recipient'], summary: 'File of a passphrase to seal it with.' }),
    recipient: Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: '<age1…>', summary: 'Recipient of age to seal it for; several times for several, each of whom can open it.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Backup);
    const seal = await this.#sealing(flags);
    const { control } = await this.master();
    const state = allOfIt(this.host, (signal) => seal(control.master.backup(signal)));
    if (args.file === '-') await writeOut(this.host, state);
    else this.print(`${args.file}: ${String(await writeWhole(resolve(this.host.directory, args.file), state, 'the backup'))} bytes`);
    return 0;
  }

  /** What becomes of the pieces before they are written. */
  async #sealing({ passphrase: file, recipient: recipients = [] }: { readonly passphrase: string | undefined; readonly recipient: string[] | undefined }): Promise<(pieces: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>> {
    if (file === undefined && recipients.length === 0) return (pieces) => pieces;
    const passphrase = file === undefined ? undefined : (await readText(this.host, file)).replace(/\r?\n$/, '');
    if (passphrase === '') throw new KontenaError('KON_INVALID', `${String(file)} holds no passphrase: it is empty`);
    const { sealed } = await import('../../age/index.js');
    return (pieces) => sealed(pieces, { passphrase, recipients });
  }
}
