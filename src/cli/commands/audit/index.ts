import { type AuditEntry, isoTime, type Instant } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { momentFlag } from '../../flags.js';
import { Flags } from '../../oclif.js';
import { escaped } from '../../output/index.js';

/** As wide as most of them are; what is longer is not cut. */
const WIDTHS = { who: 12, from: 15, action: 20, on: 24, outcome: 7 } as const;

export default class Audit extends KontenaCommand {
  static override summary = 'Show who did what, oldest first: changes, reads of secrets, and refusals.';
  static override description = 'Shows the grids in which you may audit.read, and the master itself to master-admin; --grid shows one grid alone.';
  static override examples = ['<%= config.bin %> audit --since 1h', '<%= config.bin %> audit --user ada --action \'secret.*\' -f'];
  static override flags = {
    since: momentFlag({ summary: 'Only what was done after this moment (ISO 8601), or in the last while: 1h.' }),
    user: Flags.string({ helpValue: '<name>', summary: 'Only what this credential did.' }),
    action: Flags.string({ helpValue: '<action>', summary: 'Only this action, stack.apply, or those of a pattern, secret.*.' }),
    follow: Flags.boolean({ default: false, char: 'f', summary: 'Stay, and show what comes.' }),
    output: Flags.option({ char: 'o', options: ['text', 'json'] as const, default: 'text' as const, helpValue: 'json', summary: 'Print each entry as a line of JSON.' })(),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Audit);
    const { control } = await this.master();
    const over = new AbortController();
    const forget = this.host.onInterrupt(() => over.abort());
    const { since, user: who, action, follow, grid } = flags;
    try {
      for await (const entry of control.audit.read({ grid, who, action, since, follow }, over.signal)) this.print(flags.output === 'json' ? jsonOf(entry) : lineOf(entry));
    } catch (error) {
      if (!over.signal.aborted) throw error;
    } finally {
      forget();
    }
    return 0;
  }
}

/** In JSON what is not seen is written the same way, so that what is printed means what it meant. */
const jsonOf = (entry: AuditEntry): string => escaped(JSON.stringify({ ...entry, at: isoTime(entry.at as Instant) }));

function lineOf({ at, who, from = '-', action, grid, name, detail, outcome, reason, count }: AuditEntry): string {
  const on = [grid ?? 'master', ...(name === undefined ? [] : [name])].join('/');
  const cells = Object.entries({ who, from, action, on, outcome }).map(([cell, text]) => escaped(text).padEnd(WIDTHS[cell as keyof typeof WIDTHS]));
  const rest = [...(count === undefined ? [] : [`${count} times`]), ...(detail === undefined ? [] : [detail]), ...(reason === undefined ? [] : [reason])].map(escaped).join('; ');
  return `${isoTime(at as Instant)}  ${cells.join('  ')}  ${rest}`.trimEnd();
}
