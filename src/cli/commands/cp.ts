import { resolve } from 'node:path';
import { KontenaCommand } from '../command.js';
import { copyIn, copyOut, parsePlace, type Place, send } from '../copy/index.js';
import { plainName } from '../names.js';
import { Args } from '../oclif.js';
import { UsageError } from '../usage-error.js';

export default class Cp extends KontenaCommand {
  static override summary = 'Copy files between this machine and an instance.';
  static override description = 'Into a directory that is there it is copied under its own name, else to the path that is named. DIR/. means what is in the directory. The instance need not run; what is copied into it is gone when it is replaced.';
  static override examples = ['<%= config.bin %> cp todo/web.1:/etc/nginx ./nginx', '<%= config.bin %> cp dump.sql todo/db.1:/tmp/', '<%= config.bin %> cp todo/web.1:/var/log - | tar t'];
  static override args = {
    from: Args.string({ required: true, description: 'PATH, or INSTANCE:/PATH; - is a tar on stdin.' }),
    to: Args.string({ required: true, description: 'PATH, or INSTANCE:/PATH; - is a tar on stdout.' }),
  };

  override async run(): Promise<number> {
    const { args } = await this.parse(Cp);
    const [from, to] = [parsePlace(args.from), parsePlace(args.to)];
    const over = new AbortController();
    const forget = this.host.onInterrupt(() => over.abort());
    try {
      await this.#copy(from, to, over.signal);
    } finally {
      forget();
    }
    return 0;
  }

  async #copy(from: Place, to: Place, signal: AbortSignal): Promise<void> {
    const here = (path: string): string => resolve(this.host.directory, path) + (/(^|\/)\.\/?$/.test(path) ? '/.' : '');
    if (from.kind === 'inside' && to.kind === 'inside') throw new UsageError('both are paths of instances: copy from the one to here, and from here to the other');
    if (from.kind !== 'inside' && to.kind !== 'inside') throw new UsageError('neither is a path of an instance: one is written INSTANCE:/PATH, as in todo/web.1:/etc/hosts');
    const { control, grid } = await this.master();
    const inside = from.kind === 'inside' ? from : (to as Extract<Place, { kind: 'inside' }>);
    const at = { grid, name: plainName('instance', inside.name), path: inside.path };
    if (from.kind === 'here') await copyIn(control.instances, here(from.path), at, signal);
    else if (to.kind === 'here') await copyOut(control.instances, at, here(to.path), signal);
    else if (from.kind === 'tar') await send(control.instances, (await this.host.openConsole()).input(false), at, signal);
    else await this.#write(control.instances.pack(grid, { name: at.name, path: at.path }, signal));
  }

  async #write(tar: AsyncIterable<Uint8Array>): Promise<void> {
    const console = await this.host.openConsole();
    for await (const bytes of tar) await console.write('stdout', bytes);
  }
}
