import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';

export default class AuthTest extends KontenaCommand {
  static override summary = 'Look whether every provider still answers the master as it was set.';
  static override examples = ['<%= config.bin %> auth test'];

  override async run(): Promise<number> {
    await this.parse(AuthTest);
    const { control, grid } = await this.master();
    const known = await collect(control.resources.list({ grid, kind: 'provider' }));
    if (known.length === 0) this.note('There are no providers: people have passwords of this master\'s, or credentials.');
    for (const { name, spec } of known) {
      await control.providers.test(name === 'oidc' ? 'oidc' : 'ldap');
      this.print(`${name} answers at ${String(spec['address'])}`);
    }
    return 0;
  }
}
