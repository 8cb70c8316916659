import { Flags } from '../oclif.js';
import type { GridEvent } from '../../model/index.js';
import { KontenaCommand } from '../command.js';
import { momentFlag } from '../flags.js';
import { parseTarget } from '../names.js';

/** What one sees at a glance, and scrolls back a little for. */
const LATELY = 100;

export default class Events extends KontenaCommand {
  static override summary = 'Show what happened: to what, by whom, and why.';
  static override examples = ['<%= config.bin %> events --for stack/todo -f', '<%= config.bin %> events --since 10m -o json'];
  static override flags = {
    follow: Flags.boolean({ default: false, char: 'f', summary: 'Stay, and show what comes.' }),
    for: Flags.string({ helpValue: 'KIND/NAME', summary: 'Only of this thing; of a stack or a service, of what belongs to it too.' }),
    after: Flags.integer({ min: 0, helpValue: '<n>', summary: 'Only what came after the event of this number.' }),
    since: momentFlag({ summary: 'Only what happened after this moment (ISO 8601), or in the last while: 10m.' }),
    tail: Flags.integer({ min: 0, helpValue: '<n>', summary: `Only the last so many; ${String(LATELY)} where neither --after nor --since says where to begin.` }),
    output: Flags.option({ char: 'o', options: ['text', 'json'] as const, default: 'text' as const, helpValue: 'json', summary: 'Print each as data, one a line.' })(),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Events);
    const { control, grid } = await this.master();
    const over = new AbortController();
    const forget = this.host.onInterrupt(() => over.abort());
    const { follow, after, since } = flags;
    const tail = flags.tail ?? (after === undefined && since === undefined ? LATELY : undefined);
    const query = {
      follow,
      ...(after === undefined ? {} : { after }),
      ...(since === undefined ? {} : { since }),
      ...(tail === undefined ? {} : { tail }),
      ...(flags.for === undefined ? {} : { of: parseTarget(flags.for, undefined) }),
    };
    try {
      for await (const event of control.events.read(grid, query, over.signal)) this.print(flags.output === 'json' ? JSON.stringify(event) : this.#lineOf(event));
    } catch (error) {
      if (!over.signal.aborted) throw error;
    } finally {
      forget();
    }
    return 0;
  }

  #lineOf({ number, at, type, name, by, why }: GridEvent): string {
    return `${String(number)} ${at} ${this.colours.cyan(type)} ${name} (${by}): ${why}`;
  }
}
