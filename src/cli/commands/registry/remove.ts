import { isOwnImage, KontenaError, REGISTRY_STACK, registryHost } from '../../../model/index.js';
import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { Flags } from '../../oclif.js';
import { imageOf } from '../../registry/index.js';

export default class RegistryRemove extends KontenaCommand {
  static override readonly otherNames = ['registry:rm'];
  static override summary = 'Remove the grid\'s registry, its certificate and its passwords. Images stay where they are kept.';
  static override examples = ['<%= config.bin %> registry remove', '<%= config.bin %> registry remove --force'];
  static override flags = {
    force: Flags.boolean({ default: false, summary: 'Do not ask, and remove it though services run images of it.' }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(RegistryRemove);
    const { control, grid } = await this.master();
    await collect(control.resources.list({ grid, kind: 'stack', name: REGISTRY_STACK }));
    const users = (await collect(control.resources.list({ grid, kind: 'service' }))).filter(({ spec }) => isOwnImage(imageOf(spec), grid)).map(({ name }) => name);
    if (users.length > 0 && !flags.force) throw new KontenaError('KON_CONFLICT', `${users.join(', ')} ${users.length === 1 ? 'runs images' : 'run images'} of the registry, and could be started on no other node: --force removes it all the same`);
    await this.confirm(`Remove the registry of grid ${grid}?`, flags.force);
    await control.resources.remove(grid, 'stack', REGISTRY_STACK);
    await control.resources.remove(grid, 'certificate', registryHost(grid));
    const secrets = (await collect(control.resources.list({ grid, kind: 'secret' }))).map(({ name }) => name).filter((name) => name.startsWith(`${REGISTRY_STACK}-`));
    for (const name of secrets) await control.resources.remove(grid, 'secret', name);
    this.print(`the registry of grid ${grid} is removed; the images stay where they are kept`);
    return 0;
  }
}
