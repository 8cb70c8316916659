import { KontenaCommand } from '../command.js';
import { plainName } from '../names.js';
import { Args } from '../oclif.js';
import { hear } from '../speak.js';

export default class Attach extends KontenaCommand {
  static override summary = 'Show what the program of an instance writes from now on, to its end.';
  static override description = 'The exit code is that of the program. Ctrl-C leaves it running. It cannot be written to: `exec -it` begins a shell beside it.';
  static override examples = ['<%= config.bin %> attach todo/web.1'];
  static override args = { name: Args.string({ required: true, description: 'INSTANCE, or STACK/SERVICE: the first of its instances that run.' }) };

  override async run(): Promise<number> {
    const { args } = await this.parse(Attach);
    const name = plainName('instance', plainName('service', args.name));
    const { control, grid } = await this.master();
    const console = await this.host.openConsole();
    const leaving = new AbortController();
    const forget = this.host.onInterrupt(() => leaving.abort());
    try {
      return await hear(control.instances.attach(grid, name, leaving.signal), (stream, bytes) => console.write(stream, bytes));
    } catch (error) {
      if (!leaving.signal.aborted) throw error;
      this.note(`${name} was left; it goes on`);
      return 0;
    } finally {
      forget();
      leaving.abort();
    }
  }
}
