import { KontenaCommand } from '../../command.js';
import { jsonFlag } from '../../flags.js';
import { Args } from '../../oclif.js';
import { ageOf, type Column, renderTable } from '../../output/index.js';
import { type Image, imagesIn, withRegistry } from '../../registry/index.js';

const columnsAt = (nowMs: number): readonly Column<Image>[] => [
  { title: 'REPOSITORY', cell: ({ repository }) => repository, isKey: true },
  { title: 'TAG', cell: ({ tag }) => tag, isKey: true },
  { title: 'SIZE', cell: ({ sizeBytes }) => `${(sizeBytes / 1e6).toFixed(1)} MB` },
  { title: 'MADE', cell: ({ createdAt }) => (createdAt === undefined ? '-' : `${ageOf(createdAt, nowMs)} ago`) },
  { title: 'DIGEST', cell: ({ digest }) => digest.slice(0, 19) },
];

export default class RegistryImages extends KontenaCommand {
  static override readonly otherNames = ['registry:ls'];
  static override summary = 'Show the images of the grid\'s registry, with their sizes.';
  static override examples = ['<%= config.bin %> registry list', '<%= config.bin %> registry list todo', '<%= config.bin %> registry list -o json'];
  static override args = { repository: Args.string({ description: 'Only this repository.' }) };
  static override flags = { output: jsonFlag() };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(RegistryImages);
    const items = await withRegistry(this, (client) => imagesIn(client, args.repository));
    if (flags.output === 'json') await this.printJson({ kind: 'ImageList', grid: (await this.chosen()).grid, items });
    else if (items.length === 0) this.note('There are no images yet: `kontenactl stack build` pushes those that are called registry/NAME.');
    else this.print(...renderTable(columnsAt(Date.now()), items, this.host.out.columns));
    return 0;
  }
}
