import { parseService } from '../model/index.js';
import type { Applied, Verb } from '../ports/index.js';
import { FollowingCommand } from './following-command.js';
import { jsonFlag, waitFlags } from './flags.js';
import { plainName } from './names.js';
import { Args } from './oclif.js';
import { UsageError } from './usage-error.js';

/** Which services or stacks; a command has them of its own, as what it inherits is not looked at. */
export const several = { name: Args.string({ required: true, description: 'Name; several may be given.' }) };

/** What a person does with services, or stacks, that are declared; then it shows how that comes to be. */
export abstract class OperatingCommand extends FollowingCommand {
  static override flags = { ...waitFlags, output: jsonFlag() };

  protected abstract readonly kind: 'service' | 'stack';
  protected abstract readonly verb: Verb;

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(this.ctor as typeof OperatingCommand);
    const names = argv.map((word) => this.#nameOf(String(word)));
    const { control, grid } = await this.master();
    const isJson = flags.output === 'json';
    const applied: Applied[] = [];
    for (const name of names) {
      const one = await control[`${this.kind}s`][this.verb](grid, name);
      applied.push(one);
      if (!isJson) await this.tell(one, false);
    }
    return this.finish({ applied: newestOf(applied), pruned: [], isJson, timeoutMs: flags.wait ? flags.timeout : undefined });
  }

  #nameOf(typed: string): string {
    const name = plainName(this.kind, typed);
    if (this.kind === 'service' && parseService(name) === undefined) throw new UsageError(`"${typed}" is not a service: write STACK/SERVICE, like todo/web`);
    return name;
  }
}

/** Of services of one stack, the last that was done: it is followed as a whole. */
const newestOf = (applied: readonly Applied[]): readonly Applied[] => [...new Map(applied.map((one) => [one.name, one])).values()];
