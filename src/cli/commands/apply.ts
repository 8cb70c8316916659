import { resolve } from 'node:path';
import { Flags } from '../oclif.js';
import { KontenaCommand } from '../command.js';
import { jsonFlag, parseAssignments, waitFlags } from '../flags.js';
import { concludeDeclaration, declareStacks, declareVolumes, findRegistry, InstalledStacks, openReader, pruneStacks, readDeclarations, sourceFlags, strictFlag, tellApplied, tellRemoved, tellVolumes, tellWarnings, watchStacks } from '../stacks/index.js';

export default class Apply extends KontenaCommand {
  static override summary = 'Make the grid become what stack files say.';
  static override description = 'It waits until everything declared runs. Ctrl-C and the end of the time leave the work going on. Volumes (documents with kind: Volume) are declared first.';
  static override examples = [
    '<%= config.bin %> apply -f stack.yml',
    '<%= config.bin %> apply -f stack.yml -v tag=1.2 --name todo-test',
    '<%= config.bin %> apply -f stacks/ --prune',
    '<%= config.bin %> apply -f acme/todo:1.2.0',
    'cat stack.yml | <%= config.bin %> apply -f - --no-wait',
  ];
  static override flags = {
    file: Flags.string({ char: 'f', required: true, helpValue: '<file|dir|->', summary: 'Stack file or file of volumes, directory of such files, user/name[:version] in the stack registry, or - for stdin.' }),
    variable: Flags.string({ char: 'v', multiple: true, multipleNonGreedy: true, helpValue: '<name=value>', summary: 'Value of a variable of the file; of a dependency: child.name=value.' }),
    name: Flags.string({ helpValue: '<name>', summary: 'Name of the stack in place of the file\'s own.' }),
    ...waitFlags,
    'dry-run': Flags.boolean({ default: false, summary: 'Show what would change; change nothing.' }),
    prune: Flags.boolean({ default: false, summary: 'Remove stacks that came from this directory and whose file is gone.' }),
    'allow-empty': Flags.boolean({ default: false, summary: 'With --prune or --watch: an emptied directory removes all its stacks.' }),
    watch: Flags.boolean({ default: false, summary: 'Stay, and keep applying what is saved in the directory.', exclusive: ['dry-run', 'prune', 'name', 'strict'] }),
    strict: strictFlag,
    ...sourceFlags,
    output: jsonFlag(),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Apply);
    if (flags.watch) return this.#watch(flags.file, flags['allow-empty']);

    const [isJson, isDry] = [flags.output === 'json', flags['dry-run']];
    const installed = new InstalledStacks(this);
    const reader = await openReader(this, flags, { installed, isInteractive: true });
    const { volumes, stacks: files } = await readDeclarations(this.host, reader, { path: flags.file, values: parseAssignments(flags.variable, '-v'), name: flags.name });
    await tellWarnings(this, files.flatMap(({ warnings }) => warnings));

    const { control, grid } = await this.master();
    const names = volumes.map((volume) => volume.name);
    const fresh = await declareVolumes(this, volumes, isDry);
    if (!isJson) tellVolumes(this, names, fresh);
    const { applied, removed } = await declareStacks(this, files, { installed, isDry, volumes: names, told: async (one) => (isJson ? undefined : tellApplied(this, one, isDry)) });
    const pruned = flags.prune ? await pruneStacks(control, { grid, directory: resolve(this.host.directory, flags.file), files, allowEmpty: flags['allow-empty'], dryRun: isDry }) : [];
    const gone = [...new Set([...removed, ...pruned])];
    if (!isJson) tellRemoved(this, gone);
    if (files.length === 0 && volumes.length > 0 && !isJson && gone.length === 0) return 0;
    return concludeDeclaration(this, { applied, removed: gone, isJson, timeoutMs: flags.wait && !isDry ? flags.timeout : undefined });
  }

  async #watch(directory: string, allowEmpty: boolean): Promise<number> {
    const { control, grid } = await this.master();
    const { flags } = await this.parse(Apply);
    return watchStacks(this.host, { control, grid, directory, allowEmpty, allowed: flags['allow-files'] ?? [], openRegistry: () => findRegistry(this.host, flags, true) });
  }
}
