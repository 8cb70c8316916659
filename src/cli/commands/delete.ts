import { Args } from '../oclif.js';
import { collect } from '../collect.js';
import { KontenaCommand } from '../command.js';
import { yesFlag } from '../flags.js';
import { fullName, parseTarget } from '../names.js';

export default class Delete extends KontenaCommand {
  static override readonly otherNames = ['rm'];
  static override summary = 'Remove a stack, a node, a volume or a token.';
  static override description = 'A removed stack stops its instances. On a terminal it asks first.';
  static override examples = ['<%= config.bin %> delete stack todo', '<%= config.bin %> delete stack/todo --yes'];
  static override args = {
    kind: Args.string({ required: true, description: 'stack, node, volume, token, secret or certificate; or KIND/NAME.' }),
    name: Args.string({ description: 'Name.' }),
  };
  static override flags = { yes: yesFlag };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Delete);
    const { kind, name } = parseTarget(args.kind, args.name);
    const { control, grid } = await this.master();
    await this.confirm(`Remove ${kind} ${name} of grid ${grid}?`, flags.yes);
    const children = kind === 'stack' ? (await collect(control.resources.list({ grid, kind }))).filter(({ spec }) => spec.parent === name) : [];
    await control.resources.remove(grid, kind, name);
    this.print(`${fullName(kind, name)} is removed${kind === 'stack' ? '; its containers are being stopped' : ''}`);
    if (children.length > 0) this.note(`What was installed with it stays: ${this.config.bin} stack remove ${children.map((child) => child.name).join(' ')}`);
    return 0;
  }
}
