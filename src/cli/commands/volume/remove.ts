import type { RemovedVolume } from '../../../ports/index.js';
import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { plainName } from '../../names.js';
import { Args, Flags } from '../../oclif.js';

export default class VolumeRemove extends KontenaCommand {
  static override readonly otherNames = ['volume:rm'];
  static override summary = 'Remove volumes that no service mounts. What is in them stays on the nodes, unless said otherwise.';
  static override examples = ['<%= config.bin %> volume remove data', '<%= config.bin %> volume remove data --delete-data --yes'];
  static override strict = false;
  static override args = { name: Args.string({ required: true, description: 'Name of the volume; several may be given.' }) };
  static override flags = {
    'delete-data': Flags.boolean({ default: false, summary: 'Remove what is in them on every node, for good.' }),
    force: Flags.boolean({ default: false, hidden: true, summary: 'As --yes.' }),
    yes: yesFlag,
  };

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(VolumeRemove);
    const { control, grid } = await this.master();
    const names = argv.map((word) => plainName('volume', String(word)));
    const withData = flags['delete-data'];
    await this.confirm(`Remove ${names.join(', ')} of grid ${grid}${withData ? ', with all data on the nodes' : ''}?`, flags.yes || flags.force);
    let isLeft = false;
    for (const name of names) {
      const outcome = await control.volumes.remove(grid, name, { withData }, new AbortController().signal);
      this.print(`volume/${name} is removed${withData ? '' : '; what is in it stays on the nodes'}`);
      this.#tell(outcome);
      isLeft ||= outcome.left.length > 0;
    }
    return isLeft ? 1 : 0;
  }

  #tell({ removed, left }: RemovedVolume): void {
    this.print(...removed.map(({ node, name }) => `  ${name} of ${node} is gone`));
    this.note(...left.map(({ node, name = 'what it has', reason }) => `  ${name} stays on ${node}: ${reason}`));
  }
}
