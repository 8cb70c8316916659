import { writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { codeOf, KontenaError, messageOf } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { Args } from '../../oclif.js';
import { stackNameOf } from '../../stacks/index.js';

export default class StackInit extends KontenaCommand {
  static override summary = 'Write a commented stack file to begin with.';
  static override examples = ['<%= config.bin %> stack init', '<%= config.bin %> stack init web.yml'];
  static override args = { file: Args.string({ default: 'kontena.yml', description: 'File to write; it must not exist.' }) };

  override async run(): Promise<number> {
    const { args } = await this.parse(StackInit);
    const path = resolve(this.host.directory, args.file);
    try {
      const { initialStackFile } = await import('../../../stackfile/index.js');
      await writeFile(path, initialStackFile(stackNameOf(basename(dirname(path)))), { flag: 'wx' });
    } catch (error) {
      if (codeOf(error) === 'EEXIST') throw new KontenaError('KON_FILE_EXISTS', `${args.file} is there already and stays as it is`);
      throw new KontenaError('KON_FILE_UNREADABLE', `${args.file} cannot be written: ${messageOf(error)}`, { cause: error });
    }
    this.print(`${args.file} is written`);
    this.note(`Check it with: ${this.config.bin} stack validate ${args.file}`, `Apply it with: ${this.config.bin} apply -f ${args.file}`);
    return 0;
  }
}
