import { Args, Flags } from '../oclif.js';
import { KontenaCommand } from '../command.js';
import { momentFlag } from '../flags.js';
import type { OpenGrid } from '../run.js';
import { UsageError } from '../usage-error.js';
import { askedFor, askStatistics, chartsOf, live, remarksOf, tableOf, type Told } from '../statistics/index.js';

const HOUR_MS = 3_600_000;

export default class Stats extends KontenaCommand {
  static override summary = 'Show what instances or nodes use: processors, memory, network and disks.';
  static override description = 'Each node reads that every 10 s. CPU % is of one core: two of them in full are 200 %. NET I/O and DISK I/O are what was received and sent, read and written since the container began. An instance on its node\'s own network has no NET I/O of its own.';
  static override examples = ['<%= config.bin %> stats', '<%= config.bin %> stats todo/web -w', '<%= config.bin %> stats nodes', '<%= config.bin %> stats node/n1 --chart --since 1d'];
  static override args = { name: Args.string({ description: 'INSTANCE, STACK/SERVICE or STACK; nodes, or node/NAME. All instances of the grid where none is named.' }) };
  static override flags = {
    watch: Flags.boolean({ default: false, char: 'w', summary: 'Stay, and show what there is every 5 s.' }),
    chart: Flags.boolean({ default: false, summary: 'Show how they fared, as small charts: of the last hour, unless --since says otherwise.' }),
    since: momentFlag({ summary: 'With --chart or as data: since this moment (ISO 8601), or for the last while: 10m. A day is kept; of slots, whatever round they were in.' }),
    output: Flags.option({ char: 'o', options: ['table', 'json'] as const, default: 'table' as const, helpValue: 'table|json', summary: 'How to print it.' })(),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Stats);
    const asked = askedFor(args.name);
    if (flags.since !== undefined && !flags.chart && flags.output === 'table') throw new UsageError('--since is for --chart, or -o json: the table shows what there is now');
    const since = (): string | undefined => flags.since ?? (flags.chart ? new Date(Date.now() - HOUR_MS).toISOString() : undefined);
    const master = await this.master();
    const ask = (): Promise<Told> => askStatistics(master, asked, since());
    if (flags.output === 'json') return this.#json(master, ask, flags.watch);

    const lines = (told: Told): readonly string[] => {
      const from = since();
      return from === undefined ? tableOf(told, this.host.out.columns) : chartsOf(told, Date.parse(from), Date.now(), this.host.out.columns);
    };
    if (flags.watch) {
      return live(this, async () => {
        const told = await ask();
        return [...lines(told), ...remarksOf(told)];
      });
    }
    const told = await ask();
    if (told.items.length > 0) this.print(...lines(told));
    this.note(...remarksOf(told));
    return 0;
  }

  /** Watched, one object a line. */
  async #json({ grid }: OpenGrid, ask: () => Promise<Told>, isLive: boolean): Promise<number> {
    const data = ({ kind, items }: Told): object => ({ kind: kind === 'nodes' ? 'NodeStatisticsList' : 'InstanceStatisticsList', grid, items });
    if (isLive) return live(this, async () => [JSON.stringify(data(await ask()))]);
    await this.printJson(data(await ask()));
    return 0;
  }
}
