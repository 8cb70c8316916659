import { KontenaError } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { renewWhereItLies } from '../../context/index.js';
import { Flags } from '../../oclif.js';
import { UsageError } from '../../usage-error.js';
import type { Control } from '../../../ports/index.js';

export default class MasterRotateCa extends KontenaCommand {
  static override summary = 'Change the certificate authority of the cluster, without a stop.';
  static override description = 'First a new one is trusted beside the old one, and nodes renew by themselves; contexts do by `credential renew`. With --finish the new one is the only one.';
  static override examples = ['<%= config.bin %> master rotate-ca', '<%= config.bin %> master rotate-ca --finish'];
  static override flags = {
    finish: Flags.boolean({ default: false, summary: 'Trust the old one no more. Join tokens made before open nothing.' }),
    force: Flags.boolean({ default: false, summary: 'With --finish: also while nodes or credentials are shut out by it.' }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(MasterRotateCa);
    if (flags.force && !flags.finish) throw new UsageError('--force goes with --finish: nobody is shut out by the beginning');
    const { control } = await this.master();
    const { fingerprint, behind } = await control.master.rotateAuthority({ isEnd: flags.finish, isForced: flags.force });
    if (!flags.finish) await this.#follow(control);
    this.print(flags.finish ? `authority ${fingerprint} is the only one that is trusted` : `authority ${fingerprint} is trusted and signs from now on`);
    if (!flags.finish) this.note(...left(behind, this.config.bin));
    return 0;
  }

  /** The context of this command is the first to trust both. The master's own admin.json is written by the master. */
  async #follow(control: Control): Promise<void> {
    try {
      await renewWhereItLies(this.host, await this.chosen(), () => control.credentials.renew());
    } catch (error) {
      if (!(error instanceof KontenaError)) throw error;
    }
  }
}

function left(behind: readonly string[], bin: string): readonly string[] {
  const waits = behind.length === 0 ? [] : [`Certificates of the old one have: ${behind.join(', ')}. Nodes renew within seconds; who has a credential says \`${bin} credential renew\`.`];
  return [...waits, `When all have renewed: ${bin} master rotate-ca --finish`];
}
