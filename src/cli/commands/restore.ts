import { resolve } from 'node:path';
import { Args, Flags } from '../oclif.js';
import { KontenaCommand } from '../command.js';

export default class Restore extends KontenaCommand {
  static override summary = 'Make a master\'s data directory from a backup.';
  static override description = 'The directory must be new or empty. Nodes obey the restored master when it is reached at the address they know.';
  static override examples = ['<%= config.bin %> restore kontena.backup --data /var/lib/kontena/master', '<%= config.bin %> restore kontena.backup --data /var/lib/kontena/master --identity /mnt/keys/backups.key'];
  static override args = { file: Args.string({ required: true, description: 'The backup.' }) };
  static override flags = {
    data: Flags.string({ required: true, helpValue: '<dir>', summary: 'Data directory to make.' }),
    passphrase: Flags.string({ helpValue: '<file>', summary: 'File of the passphrase that the backup is sealed with.' }),
    identity: Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: '<file>', summary: 'File of an identity of age, for one of whose recipients it is sealed.' }),
    'vault-passphrase': Flags.string({ helpValue: '<file>', summary: 'File of the passphrase that seals the key of its vault, where the master had one.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Restore);
    const path = (file: string): string => resolve(this.host.directory, file);
    const openers = (['passphrase', 'vault-passphrase'] as const).flatMap((name) => (flags[name] === undefined ? [] : [`--${name}`, path(flags[name])]));
    const identities = (flags.identity ?? []).flatMap((file) => ['--identity', path(file)]);
    await this.host.become('master', ['--restore', path(args.file), '--data', path(flags.data), ...openers, ...identities, ...(flags.debug ? ['--debug'] : [])]);
    return 0;
  }
}
