import { Args, Flags } from '../oclif.js';
import { type LogLine, type LogSearch, parseInstance } from '../../model/index.js';
import { KontenaCommand } from '../command.js';
import { momentFlag } from '../flags.js';
import { plainName } from '../names.js';
import { escaped } from '../output/index.js';
import { UsageError } from '../usage-error.js';

export default class Logs extends KontenaCommand {
  static override summary = 'Show what containers wrote, and their hooks, in the order of time.';
  static override description = 'The nodes keep the newest of it (50 MB of each slot), also of containers that are gone. On a terminal, what in a line would drive the terminal is shown as it is escaped in JSON.';
  static override examples = [
    '<%= config.bin %> logs todo/web -f', '<%= config.bin %> logs todo/web.2 --previous', '<%= config.bin %> logs stack/todo --since 10m --grep "5\\d\\d"',
    '<%= config.bin %> logs todo/web.2@57 --tail 20', '<%= config.bin %> logs node/n1', '<%= config.bin %> logs --platform -f',
  ];
  static override args = { name: Args.string({ description: 'STACK, STACK/SERVICE, a slot of it (todo/web.2), one INSTANCE (todo/web.2@57), or node/NAME for what its agent said.' }) };
  static override flags = {
    follow: Flags.boolean({ default: false, char: 'f', summary: 'Stay, and show what comes.' }),
    tail: Flags.integer({ min: 0, helpValue: '<n>', summary: 'Only the last so many lines of each slot.' }),
    since: momentFlag({ summary: 'Only lines after this moment (ISO 8601), or of the last while: 10m.' }),
    grep: Flags.string({ helpValue: '<re>', summary: 'Only lines that this regular expression (RE2) matches somewhere.' }),
    previous: Flags.boolean({ default: false, char: 'p', exclusive: ['follow'], summary: 'Of each slot, what its container wrote before it was last started or replaced.' }),
    timestamps: Flags.boolean({ default: false, char: 't', summary: 'Begin each line with its moment.' }),
    platform: Flags.boolean({ default: false, summary: 'What the master and the agents said themselves.' }),
    output: Flags.option({ char: 'o', options: ['text', 'json'] as const, default: 'text' as const, helpValue: 'json', summary: 'Print each line as data, one a line.' })(),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Logs);
    if (flags.platform === (args.name !== undefined)) throw new UsageError(flags.platform ? '--platform takes no NAME' : 'NAME is missing: a stack, service or instance; or --platform');
    const { follow, tail, since, grep } = flags;
    const search: LogSearch = {
      follow, ...(tail === undefined ? {} : { tail }), ...(since === undefined ? {} : { since }), ...(grep === undefined ? {} : { grep }), ...(flags.previous ? { isPrevious: true } : {}),
    };
    const over = new AbortController();
    const forget = this.host.onInterrupt(() => over.abort());
    try {
      for await (const lines of await this.#read(args.name, search, over.signal)) {
        this.print(lines.map((line) => (flags.output === 'json' ? JSON.stringify(line) : this.#textOf(line, { isNamed: !isOne(args.name), isTimed: flags.timestamps }))).join('\n'));
      }
    } catch (error) {
      if (!over.signal.aborted) throw error;
    } finally {
      forget();
    }
    return 0;
  }

  async #read(typed: string | undefined, search: LogSearch, signal: AbortSignal): Promise<AsyncIterable<readonly LogLine[]>> {
    const { control, grid } = await this.master();
    if (typed === undefined) return control.master.logs(grid, search, signal);
    if (NODE.test(typed)) return control.nodes.logs(grid, typed.replace(NODE, ''), search, signal);
    return control.instances.logs(grid, nameOf(typed), search, signal);
  }

  #textOf({ instance, at, line, stream }: LogLine, { isNamed, isTimed }: { readonly isNamed: boolean; readonly isTimed: boolean }): string {
    const mark = stream === 'hook' || stream === 'start' ? `${this.colours.yellow(`[${stream}]`)} ` : '';
    return `${isTimed ? `${at} ` : ''}${isNamed ? `${this.colours.cyan(instance)} | ` : ''}${mark}${this.host.out.isTerminal ? line.split('\t').map(escaped).join('\t') : line}`;
  }
}

const NODE = /^(node|nodes|no)\//;

const nameOf = (typed: string): string => plainName('instance', plainName('service', typed.replace(/^stack\/(?=[^/]+$)/, '')));

/** Of one instance, lines need no name. */
const isOne = (typed: string | undefined): boolean => typed !== undefined && (NODE.test(typed) || parseInstance(nameOf(typed)) !== undefined);
