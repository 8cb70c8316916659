import { Args, Flags } from '../oclif.js';
import { KontenaError } from '../../model/index.js';
import type { HistoryItem } from '../../ports/index.js';
import { KontenaCommand } from '../command.js';
import { outputFlag } from '../flags.js';
import { fullName, parseTarget } from '../names.js';
import { renderData, renderTable, type Column } from '../output/index.js';

const COLUMNS: readonly Column<HistoryItem>[] = [
  { title: 'REVISION', cell: ({ revision }) => String(revision) },
  { title: 'AT', cell: ({ at }) => at, isKey: true },
  { title: 'BY', cell: ({ actor }) => actor },
  { title: 'ACTION', cell: ({ action }) => action },
  { title: 'REASON', cell: ({ reason }) => reason },
];

export default class History extends KontenaCommand {
  static override summary = 'Show every change of one thing, newest first.';
  static override examples = ['<%= config.bin %> history stack todo', '<%= config.bin %> history service/todo/web -o json'];
  static override args = {
    kind: Args.string({ required: true, description: 'Kind, or KIND/NAME.' }),
    name: Args.string({ description: 'Name.' }),
  };
  static override flags = {
    output: outputFlag(),
    limit: Flags.integer({ min: 1, helpValue: '<n>', summary: 'No more than the newest so many.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(History);
    const { kind, name } = parseTarget(args.kind, args.name);
    const { control, grid } = await this.master();
    const items: HistoryItem[] = [];
    for await (const item of control.resources.history(grid, kind, name)) {
      items.push(item);
      if (items.length === flags.limit) break;
    }
    if (items.length === 0) throw new KontenaError('KON_NOT_FOUND', `there is no history of ${fullName(kind, name)}`);
    await this.#show(items, flags.output);
    return 0;
  }

  async #show(items: readonly HistoryItem[], format: 'table' | 'wide' | 'json' | 'yaml' | 'name'): Promise<void> {
    if (format === 'json' || format === 'yaml') this.print(...(await renderData({ kind: 'HistoryList', items }, format)));
    else if (format === 'name') this.print(...items.map(({ revision }) => String(revision)));
    else this.print(...renderTable(COLUMNS, items, format === 'wide' ? undefined : this.host.out.columns));
  }
}
