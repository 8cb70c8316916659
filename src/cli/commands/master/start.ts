import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KontenaCommand } from '../../command.js';
import { masterArguments, masterFlags } from '../../processes/index.js';

export default class MasterStart extends KontenaCommand {
  static override summary = 'Run a master in the foreground, until SIGTERM or Ctrl-C.';
  static override description = 'At its first start it makes its own CA and the admin credential admin.json in its data directory. It prints "ready HOST:PORT" when it listens.';
  static override examples = [
    '<%= config.bin %> master start',
    '<%= config.bin %> master start --data ./master --listen 127.0.0.1:9292',
    '<%= config.bin %> master start --advertise master.example.com --watch-dir /etc/kontena/stacks',
  ];
  static override flags = masterFlags;

  override async run(): Promise<number> {
    const { flags } = await this.parse(MasterStart);
    const args = masterArguments({ ...flags, advertise: flags.advertise }, this.host.directory);
    const admin = join(resolve(this.host.directory, flags.data), 'admin.json');
    if (!existsSync(admin)) this.note(`To use it from here, once it is ready: ${this.config.bin} context add NAME --from ${admin}`);
    await this.host.become('master', [...args, ...(flags.debug ? ['--debug'] : [])]);
    return 0;
  }
}
