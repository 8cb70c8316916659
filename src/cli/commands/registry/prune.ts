import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { Flags } from '../../oclif.js';
import { collectGarbage, imagesIn, pruningOf, removeImages, usedBy, withRegistry } from '../../registry/index.js';

export default class RegistryPrune extends KontenaCommand {
  static override summary = 'Remove old images of the grid\'s registry, and free what they took.';
  static override description = 'What services of the grid name stays. What is freed is freed while nothing can be pushed: the registry is away for those seconds.';
  static override examples = ['<%= config.bin %> registry prune --keep 10', '<%= config.bin %> registry prune --keep 3 --yes'];
  static override flags = {
    keep: Flags.integer({ required: true, min: 1, helpValue: '<number>', summary: 'How many of the newest tags of each repository stay.' }),
    yes: yesFlag,
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(RegistryPrune);
    const open = await this.master();
    const services = await collect(open.control.resources.list({ grid: open.grid, kind: 'service' }));
    await withRegistry(this, async (client) => {
      const { gone, used } = pruningOf(await imagesIn(client), flags.keep, usedBy(services, open.grid));
      this.note(...used.map(({ repository, tag }) => `${repository}:${tag} stays: services run it`));
      if (gone.length > 0) await this.confirm(`Remove ${String(gone.length)} images of the registry of grid ${open.grid}, ${gone.map(({ repository, tag }) => `${repository}:${tag}`).slice(0, 5).join(', ')}${gone.length > 5 ? ', …' : ''}?`, flags.yes);
      await removeImages(client, gone);
      this.print(...gone.map(({ repository, tag }) => `${repository}:${tag} is removed`));
    });
    const freed = await collectGarbage(open);
    if (freed === undefined) this.note('What they took is not freed: nothing may be pushed meanwhile, and of the registry there is not just one instance. `kontenactl scale registry/api 1`, and try again.');
    else this.print(freed === 0 ? 'nothing was there to be freed' : `${String(freed)} pieces that no image needs are freed`);
    return 0;
  }
}
