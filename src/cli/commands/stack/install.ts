import { KontenaError } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { jsonFlag } from '../../flags.js';
import { Args, Flags } from '../../oclif.js';
import { fileArgument, givenValues, InstalledStacks, installFlags, installStack, openReader } from '../../stacks/index.js';

export default class StackInstall extends KontenaCommand {
  static override summary = 'Install a stack, the stacks it depends on before it.';
  static override examples = ['<%= config.bin %> stack install', '<%= config.bin %> stack install stack.yml -n todo-test -v tag=1.2'];
  static override args = { file: Args.string(fileArgument) };
  static override flags = {
    name: Flags.string({ char: 'n', helpValue: '<name>', summary: 'Name of the stack in place of the file\'s own.' }),
    ...installFlags,
    output: jsonFlag(),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(StackInstall);
    const installed = new InstalledStacks(this);
    const wish = { source: args.file, name: flags.name, values: await givenValues(this, flags, installed) };
    const { stack } = await (await openReader(this, flags, { installed, isInteractive: false })).read(wish);
    if (stack !== undefined) await this.#requireNew(stack.name, args.file, installed);
    return installStack(this, { wish, flags, installed, isDry: false, isJson: flags.output === 'json' });
  }

  async #requireNew(name: string, file: string, installed: InstalledStacks): Promise<void> {
    const { grid } = await this.chosen();
    if ((await installed.all()).some((stack) => stack.name === name)) {
      throw new KontenaError('KON_CONFLICT', `stack ${name} is installed in grid ${grid} already: \`${this.config.bin} stack upgrade ${name}${file === fileArgument.default ? '' : ` ${file}`}\` changes it, \`--name\` makes another`);
    }
  }
}
