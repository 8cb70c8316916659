import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { allOfIt } from '../../all-of-it.js';
import { KontenaCommand } from '../../command.js';
import { localError } from '../../copy/index.js';
import { yesFlag } from '../../flags.js';
import { plainName } from '../../names.js';
import { Args, Flags } from '../../oclif.js';
import { sendAll } from '../../send-all.js';
import { nodeOfVolume, volumeArgument } from '../../volumes.js';

/** Worth a message each. */
const PIECE_BYTES = 128 * 1024;

export default class VolumeRestore extends KontenaCommand {
  static override summary = 'Let a volume hold what is in a tar, and nothing else.';
  static override description = 'Made by `volume backup`, or by `tar c --sort=name -C DIR .`. It is written aside, read back and compared before it takes the place of what is there: where that fails, the volume is as it was. Nothing may mount it meanwhile.';
  static override examples = ['<%= config.bin %> volume restore data.2 -i data.tar --yes', 'gunzip < db.tar.gz | <%= config.bin %> volume restore todo/db.1 -i - --yes'];
  static override args = { name: Args.string(volumeArgument) };
  static override flags = {
    file: Flags.string({ char: 'i', required: true, helpValue: '<file>', summary: 'File to read, or - for stdin.' }),
    node: nodeOfVolume,
    yes: yesFlag,
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(VolumeRestore);
    const { control, grid } = await this.master();
    const name = plainName('volume', args.name);
    await this.confirm(`Replace what is in volume ${name} of grid ${grid} by ${flags.file === '-' ? 'what comes on stdin' : flags.file}?`, flags.yes);
    const stop = new AbortController();
    const target = control.volumes.write(grid, { name, ...(flags.node === undefined ? {} : { node: flags.node }) }, stop.signal);
    await sendAll(target, allOfIt(this.host, (signal) => this.#read(flags.file, signal)));
    this.print(`volume ${name} holds what is in ${flags.file === '-' ? 'the tar' : flags.file}`);
    return 0;
  }

  /** @throws KontenaError KON_FILE_UNREADABLE */
  async *#read(file: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const path = resolve(this.host.directory, file);
    const source = file === '-' ? (await this.host.openConsole()).input(false) : createReadStream(path, { highWaterMark: PIECE_BYTES });
    try {
      for await (const bytes of source) {
        if (signal.aborted) return;
        yield bytes as Uint8Array;
      }
    } catch (error) {
      throw localError(path, 'read', error);
    }
  }
}
