import { resolve } from 'node:path';
import { allOfIt, writeOut } from '../../all-of-it.js';
import { KontenaCommand } from '../../command.js';
import { plainName } from '../../names.js';
import { Args, Flags } from '../../oclif.js';
import { UsageError } from '../../usage-error.js';
import { nodeOfVolume, volumeArgument } from '../../volumes.js';
import { writeWhole } from '../../write-whole.js';

export default class VolumeBackup extends KontenaCommand {
  static override summary = 'Write what is in a volume into a file, as a tar.';
  static override description = 'Files come with their owners, modes, links and capabilities. The file appears whole or not at all. A volume that a running instance mounts is refused, unless --live takes it as it is.';
  static override examples = [
    '<%= config.bin %> volume backup data.2 -o data.tar',
    '<%= config.bin %> volume backup todo/db.1 -o - | gzip > db.tar.gz',
    '<%= config.bin %> volume backup uploads --node n1 --live -o uploads.tar',
  ];
  static override args = { name: Args.string(volumeArgument) };
  static override flags = {
    file: Flags.string({ char: 'o', required: true, helpValue: '<file>', summary: 'File to write, or - for stdout.' }),
    live: Flags.boolean({ default: false, summary: 'Also while instances write into it: what they write meanwhile may be in it by half.' }),
    node: nodeOfVolume,
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(VolumeBackup);
    if (flags.file === '-' && this.host.out.isTerminal) throw new UsageError('a tar is nothing for a terminal: name a file with -o, or send it on to a program');
    const { control, grid } = await this.master();
    const at = { name: plainName('volume', args.name), isLive: flags.live, ...(flags.node === undefined ? {} : { node: flags.node }) };
    const tar = allOfIt(this.host, (signal) => control.volumes.read(grid, at, signal));
    if (flags.file === '-') await writeOut(this.host, tar);
    else this.print(`${flags.file}: ${String(await writeWhole(resolve(this.host.directory, flags.file), tar, 'the backup'))} bytes`);
    return 0;
  }
}
