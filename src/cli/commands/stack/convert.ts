import { basename, dirname, resolve } from 'node:path';
import { isName, KontenaError } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { Args, Flags } from '../../oclif.js';
import { invalid, stackNameOf, tellWarnings } from '../../stacks/index.js';
import { readText } from '../../text-file.js';

export default class StackConvert extends KontenaCommand {
  static override summary = 'Make a stack file of a docker-compose file.';
  static override description = 'The stack file comes on stdout; what has no counterpart is said on stderr, line by line.';
  static override examples = ['<%= config.bin %> stack convert docker-compose.yml > kontena.yml', '<%= config.bin %> stack convert docker-compose.yml --name shop'];
  static override args = { file: Args.string({ required: true, description: 'docker-compose file of version 2 or 3, or - for stdin.' }) };
  static override flags = { name: Flags.string({ char: 'n', helpValue: '<name>', summary: 'Name of the stack; the name of the folder when not given.' }) };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(StackConvert);
    const file = args.file === '-' ? { name: 'stdin', text: await this.host.readInput() } : { name: args.file, text: await readText(this.host, args.file) };
    this.sources.set(file.name, file.text);
    const { convertCompose } = await import('../../../stackfile/index.js');
    const { text, mistakes } = convertCompose(file, this.#nameFor(args.file, flags.name));
    if (text === undefined) throw invalid(file.name, { mistakes });
    await tellWarnings(this, mistakes);
    this.print(text.trimEnd());
    return 0;
  }

  #nameFor(file: string, given: string | undefined): string {
    if (given === undefined) return stackNameOf(file === '-' ? basename(this.host.directory) : basename(dirname(resolve(this.host.directory, file))));
    if (isName(given)) return given;
    throw new KontenaError('KON_INVALID', `"${given}" cannot name a stack: letters, digits, "-" and "_" can, and no slash`);
  }
}
