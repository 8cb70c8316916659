import type { Difference } from '../../ports/index.js';
import { KontenaCommand } from '../command.js';
import { jsonFlag, parseAssignments } from '../flags.js';
import { Flags } from '../oclif.js';
import { renderDifferences } from '../output/index.js';
import { declareStacks, declareVolumes, InstalledStacks, openReader, readDeclarations, sourceFlags, strictFlag, tellWarnings } from '../stacks/index.js';

/** Exit code when applying would change something. */
const CHANGES = 3;

export default class Diff extends KontenaCommand {
  static override summary = 'Show what apply would change, and change nothing.';
  static override description = 'Exit code 0: nothing would change; 3: something would.';
  static override examples = ['<%= config.bin %> diff -f stack.yml'];
  static override flags = {
    file: Flags.string({ char: 'f', required: true, helpValue: '<file|dir|->', summary: 'Stack file, directory of stack files, user/name[:version] in the stack registry, or - for stdin.' }),
    variable: Flags.string({ char: 'v', multiple: true, multipleNonGreedy: true, helpValue: '<name=value>', summary: 'Value of a variable of the file; of a dependency: child.name=value.' }),
    name: Flags.string({ helpValue: '<name>', summary: 'Name of the stack in place of the file\'s own.' }),
    strict: strictFlag,
    ...sourceFlags,
    output: jsonFlag(),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Diff);
    const installed = new InstalledStacks(this);
    const reader = await openReader(this, flags, { installed, isInteractive: true });
    const { volumes, stacks: files } = await readDeclarations(this.host, reader, { path: flags.file, values: parseAssignments(flags.variable, '-v'), name: flags.name });
    await tellWarnings(this, files.flatMap(({ warnings }) => warnings));
    if (files.length + volumes.length === 0) this.note(`There is no stack file in ${flags.file}.`);
    const fresh = (await declareVolumes(this, volumes, true)).map((name): Difference => ({ kind: 'Volume', name, action: 'create', fields: [], replaces: false }));
    const { applied, removed } = await declareStacks(this, files, { installed, isDry: true, volumes: volumes.map((volume) => volume.name) });
    const gone = removed.map((name): Difference => ({ kind: 'Stack', name, action: 'delete', fields: [], replaces: false }));
    const differences = [...fresh, ...applied.flatMap((one) => one.differences), ...gone];
    if (flags.output === 'json') await this.printJson({ kind: 'DifferenceList', items: differences });
    else this.print(...renderDifferences(differences, this.colours));
    return differences.length === 0 ? 0 : CHANGES;
  }
}
