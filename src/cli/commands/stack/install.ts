import { KontenaError } from '../../../model/index.js';
import { jsonFlag } from '../../flags.js';
import { installFlags, InstallingCommand } from '../../installing-command.js';
import { Args, Flags } from '../../oclif.js';
import { fileArgument } from '../../stack-command.js';

export default class StackInstall extends InstallingCommand {
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
    const wish = { source: args.file, name: flags.name, values: await this.valuesOf(flags) };
    const { stack } = await (await this.reader({ isOnline: true, isInteractive: false })).read(wish);
    if (stack !== undefined) await this.#requireNew(stack.name, args.file);
    return this.install({ wish, flags, isDry: false, isJson: flags.output === 'json' });
  }

  async #requireNew(name: string, file: string): Promise<void> {
    const { grid } = await this.chosen();
    if ((await this.stacks()).some((stack) => stack.name === name)) {
      throw new KontenaError('KON_CONFLICT', `stack ${name} is installed in grid ${grid} already: \`${this.config.bin} stack upgrade ${name}${file === fileArgument.default ? '' : ` ${file}`}\` changes it, \`--name\` makes another`);
    }
  }
}
