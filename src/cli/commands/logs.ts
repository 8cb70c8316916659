import { Args, Flags } from '../oclif.js';
import { parseInstance } from '../../model/index.js';
import { KontenaCommand } from '../command.js';
import { momentFlag } from '../flags.js';
import { plainName } from '../names.js';

export default class Logs extends KontenaCommand {
  static override summary = 'Show what containers wrote.';
  static override examples = ['<%= config.bin %> logs todo/web -f', '<%= config.bin %> logs todo/web.2@57 --tail 20'];
  static override args = { name: Args.string({ required: true, description: 'INSTANCE, STACK/SERVICE or STACK.' }) };
  static override flags = {
    follow: Flags.boolean({ default: false, char: 'f', summary: 'Stay, and show what comes.' }),
    tail: Flags.integer({ min: 0, helpValue: '<n>', summary: 'Only the last so many lines of each instance.' }),
    since: momentFlag({ summary: 'Only lines after this moment (ISO 8601), or of the last while: 10m.' }),
    timestamps: Flags.boolean({ default: false, char: 't', summary: 'Begin each line with its moment.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Logs);
    const name = plainName('instance', plainName('service', args.name.replace(/^stack\/(?=[^/]+$)/, '')));
    const { control, grid } = await this.master();
    const over = new AbortController();
    const forget = this.host.onInterrupt(() => over.abort());
    const query = { follow: flags.follow, ...(flags.tail === undefined ? {} : { tail: flags.tail }), ...(flags.since === undefined ? {} : { since: flags.since }) };
    const isOne = parseInstance(name) !== undefined;
    try {
      for await (const { instance, at, line } of control.instances.logs(grid, name, query, over.signal)) {
        this.print(`${flags.timestamps ? `${at} ` : ''}${isOne ? '' : `${this.colours.cyan(instance)} | `}${line}`);
      }
    } catch (error) {
      if (!over.signal.aborted) throw error;
    } finally {
      forget();
    }
    return 0;
  }
}
