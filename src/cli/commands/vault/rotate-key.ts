import { KontenaCommand } from '../../command.js';

export default class VaultRotateKey extends KontenaCommand {
  static override summary = 'Have a new key seal all that the vaults of all grids keep, without a stop.';
  static override description = 'No value changes, and nothing is replaced. Backups of before hold the key of before: what they keep opens with it.';
  static override examples = ['<%= config.bin %> vault rotate-key'];

  override async run(): Promise<number> {
    await this.parse(VaultRotateKey);
    const { control } = await this.master();
    const { sealed } = await control.vault.rotateKey();
    this.print(`the vault has another key, which seals ${sealed === 1 ? '1 value' : `${String(sealed)} values`} now`);
    this.note(`A backup from now on needs no key of before: ${this.config.bin} backup FILE`);
    return 0;
  }
}
