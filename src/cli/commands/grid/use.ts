import { Args } from '../../oclif.js';
import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { chooseContext, setGrid } from '../../context/index.js';
import { plainName } from '../../names.js';

export default class GridUse extends KontenaCommand {
  static override summary = 'Work in a grid from now on: the current context keeps it.';
  static override examples = ['<%= config.bin %> grid use shop'];
  static override args = { name: Args.string({ required: true, description: 'Name of the grid.' }) };

  override async run(): Promise<number> {
    const { args } = await this.parse(GridUse);
    const wanted = plainName('grid', args.name);
    const { control, grid } = await this.master();
    await collect(control.resources.list({ grid, kind: 'grid', name: wanted }));
    const { name: context } = await this.chosen();
    await setGrid(this.host, context, wanted);
    this.print(`context ${context} works in grid ${wanted} from now on`);
    const here = await chooseContext(this.host, { context });
    if (here.grid !== wanted) this.note(`The file .kontena.yaml of this directory, or one above it, names grid ${here.grid}, which counts here.`);
    return 0;
  }
}
