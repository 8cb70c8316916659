import { resolve } from 'node:path';
import { Args, Flags } from '../oclif.js';
import { KontenaCommand } from '../command.js';

export default class Restore extends KontenaCommand {
  static override summary = 'Make a master\'s data directory from a backup.';
  static override description = 'The directory must be new or empty. Nodes obey the restored master when it is reached at the address they know.';
  static override examples = ['<%= config.bin %> restore kontena.backup --data /var/lib/kontena/master'];
  static override args = { file: Args.string({ required: true, description: 'The backup.' }) };
  static override flags = {
    data: Flags.string({ required: true, helpValue: '<dir>', summary: 'Data directory to make.' }),
    'vault-passphrase': Flags.string({ helpValue: '<file>', summary: 'File of the passphrase that seals the key of its vault, where the master had one.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Restore);
    const { directory } = this.host;
    const vault = flags['vault-passphrase'];
    await this.host.become('master', ['--restore', resolve(directory, args.file), '--data', resolve(directory, flags.data), ...(vault === undefined ? [] : ['--vault-passphrase', resolve(directory, vault)]), ...(flags.debug ? ['--debug'] : [])]);
    return 0;
  }
}
