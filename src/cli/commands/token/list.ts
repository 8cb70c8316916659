import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { outputFlag } from '../../flags.js';

export default class TokenList extends KontenaCommand {
  static override readonly otherNames = ['token:ls'];
  static override summary = 'Show the tokens of machines that are to join, and of programs, without their secrets.';
  static override examples = ['<%= config.bin %> token list'];
  static override flags = { output: outputFlag() };

  override async run(): Promise<number> {
    const { flags } = await this.parse(TokenList);
    const { control, grid } = await this.master();
    await this.printList('token', await collect(control.resources.list({ grid, kind: 'token' })), flags.output);
    return 0;
  }
}
