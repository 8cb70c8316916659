import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KontenaCommand } from '../../command.js';

export default class StackSchema extends KontenaCommand {
  static override summary = 'Print the JSON Schema of stack files, for editors.';
  static override description = 'An editor that knows the YAML language server completes and checks a stack file that begins with\n# yaml-language-server: $schema=stack.schema.json';
  static override examples = ['<%= config.bin %> stack schema > stack.schema.json'];

  override async run(): Promise<number> {
    await this.parse(StackSchema);
    this.print((await readFile(join(this.host.programs, '..', 'schemas', 'stack.schema.json'), 'utf8')).trimEnd());
    return 0;
  }
}
