import { KontenaCommand } from '../../command.js';
import { jsonFlag, yesFlag } from '../../flags.js';
import { plainName } from '../../names.js';
import { Args, Flags } from '../../oclif.js';
import { type Declared, declareStacks, fileArgument, givenValues, InstalledStacks, installFlags, installStack } from '../../stacks/index.js';

export default class StackUpgrade extends KontenaCommand {
  static override summary = 'Change an installed stack to what its file says now.';
  static override description = 'Values that were given, answered or drawn by lot stay, all else is as the file says; --reuse-values keeps every value it has.';
  static override examples = ['<%= config.bin %> stack upgrade todo stack.yml', '<%= config.bin %> stack upgrade todo stack.yml -v tag=1.3 --dry-run'];
  static override args = { name: Args.string({ required: true, description: 'Name of the stack.' }), file: Args.string(fileArgument) };
  static override flags = {
    ...installFlags,
    'reuse-values': Flags.boolean({ default: false, summary: 'Keep the values it has.' }),
    'dry-run': Flags.boolean({ default: false, summary: 'Show what would change; change nothing.' }),
    force: Flags.boolean({ default: false, hidden: true, summary: 'As --yes.' }),
    yes: yesFlag,
    output: jsonFlag(),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(StackUpgrade);
    const name = plainName('stack', args.name);
    const installed = new InstalledStacks(this);
    await installed.require(name);
    const given = await givenValues(this, flags, installed);
    const values = flags['reuse-values'] ? { ...(await installed.valuesOf(name)), ...given } : given;
    const confirm = (stacks: readonly Declared[]): Promise<void> => this.#confirmLosses(stacks, installed, flags);
    return installStack(this, { wish: { source: args.file, name, values }, flags, installed, isDry: flags['dry-run'], isJson: flags.output === 'json', confirm });
  }

  /** Asks when services or stacks would go: what they keep in their containers goes with them. */
  async #confirmLosses(stacks: readonly Declared[], installed: InstalledStacks, flags: { readonly yes: boolean; readonly force: boolean; readonly 'dry-run': boolean; readonly 'skip-dependencies': boolean }): Promise<void> {
    if (flags['dry-run'] || flags.yes || flags.force || !this.host.isInteractive) return;
    const { applied, removed } = await declareStacks(this, stacks, { installed, isDry: true, keepsOthers: flags['skip-dependencies'] });
    const services = applied.flatMap(({ differences }) => differences).filter(({ action }) => action === 'delete').map(({ name }) => name);
    const lost = [...services, ...removed];
    if (lost.length > 0) await this.confirm(`This removes ${lost.join(', ')}. Go on?`, false);
  }
}
