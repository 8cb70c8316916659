import { Flags } from '../oclif.js';
import { collect } from '../collect.js';
import { KontenaCommand } from '../command.js';
import { BY, live, type Order, remarksOf, sorted, tableOf } from '../statistics/index.js';
import type { OpenGrid } from '../run.js';

export default class Top extends KontenaCommand {
  static override summary = 'Show which nodes and instances use most: live on a terminal, once in a pipe.';
  static override examples = ['<%= config.bin %> top', '<%= config.bin %> top --by memory -n 5'];
  static override flags = {
    by: Flags.option({ options: Object.keys(BY) as Order[], default: 'cpu' as const, helpValue: Object.keys(BY).join('|'), summary: 'What counts.' })(),
    number: Flags.integer({ char: 'n', min: 1, default: 20, helpValue: '<n>', summary: 'So many instances.' }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Top);
    const master = await this.master();
    const draw = (): Promise<readonly string[]> => this.#draw(master, flags.by, flags.number);
    if (this.host.out.isTerminal) return live(this, draw);
    this.print(...(await draw()));
    return 0;
  }

  async #draw({ control, grid }: OpenGrid, by: Order, number: number): Promise<readonly string[]> {
    const { signal } = new AbortController();
    const nodes = { kind: 'nodes', items: sorted(await collect(control.nodes.statistics(grid, {}, signal)), by) } as const;
    const instances = { kind: 'instances', items: sorted(await collect(control.instances.statistics(grid, {}, signal)), by).slice(0, number) } as const;
    const { columns } = this.host.out;
    return [...tableOf(nodes, columns), '', ...tableOf(instances, columns), ...remarksOf(nodes)];
  }
}
