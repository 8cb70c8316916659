import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { Flags } from '../../oclif.js';
import { renderData } from '../../output/index.js';

export default class VaultExport extends KontenaCommand {
  static override summary = 'Print every secret with its value, as `vault import` reads them.';
  static override examples = ['<%= config.bin %> vault export > secrets.yml'];
  static override flags = { json: Flags.boolean({ default: false, summary: 'As JSON.' }) };

  override async run(): Promise<number> {
    const { flags } = await this.parse(VaultExport);
    const { control, grid } = await this.master();
    const values: Record<string, string> = {};
    for (const { name } of await collect(control.resources.list({ grid, kind: 'secret' }))) values[name] = await control.vault.readSecret(grid, name);
    this.print(...(await renderData(values, flags.json ? 'json' : 'yaml')));
    return 0;
  }
}
