import { KontenaError } from '../../../model/index.js';
import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { yesFlag } from '../../flags.js';
import { Args, Flags } from '../../oclif.js';
import { parse, YAMLParseError } from '../../output/yaml.js';
import { readText } from '../../text-file.js';
import { tellKept } from '../../vault.js';

export default class VaultImport extends KontenaCommand {
  static override summary = 'Write secrets from a file of names and values; those without a value are removed.';
  static override examples = ['<%= config.bin %> vault import secrets.yml', '<%= config.bin %> vault export --context old | <%= config.bin %> vault import --yes'];
  static override args = { file: Args.string({ description: 'YAML or JSON; stdin when absent.' }) };
  static override flags = {
    'skip-null': Flags.boolean({ default: false, summary: 'Leave those without a value as they are.' }),
    'empty-is-null': Flags.boolean({ default: false, summary: 'Take an empty value for none.' }),
    force: Flags.boolean({ default: false, hidden: true, summary: 'As --yes.' }),
    yes: yesFlag,
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(VaultImport);
    const entries = Object.entries(await this.#read(args.file)).map(([name, value]) => [name, flags['empty-is-null'] && value === '' ? null : value] as const);
    const writes = entries.filter((entry): entry is readonly [string, string] => entry[1] !== null);
    const { control, grid } = await this.master();
    const known = new Set((await collect(control.resources.list({ grid, kind: 'secret' }))).map(({ name }) => name));
    const removals = flags['skip-null'] ? [] : entries.filter(([name, value]) => value === null && known.has(name)).map(([name]) => name);
    await this.confirm(`Write ${String(writes.length)} and remove ${String(removals.length)} secrets of grid ${grid}?`, flags.yes || flags.force);
    for (const [name, value] of writes) tellKept(this, 'secret', await control.vault.writeSecret(grid, { name, value }));
    for (const name of removals) {
      await control.resources.remove(grid, 'secret', name);
      this.print(`secret/${name} is removed`);
    }
    return 0;
  }

  async #read(file: string | undefined): Promise<Readonly<Record<string, string | null>>> {
    const source = file ?? 'stdin';
    const text = file === undefined ? await this.host.readInput() : await readText(this.host, file);
    const values = parsed(text, source);
    if (typeof values !== 'object' || values === null || Array.isArray(values) || Object.keys(values).length === 0) throw new KontenaError('KON_INVALID', `${source} holds no secrets: names with values are wanted, like "db-password: secret"`);
    return Object.fromEntries(Object.entries(values).map(([name, value]: [string, unknown]) => [name, plainValue(name, value)]));
  }
}

/**
 * Values are texts as they are written: as numbers, `0012` and long digits would become others. What is wrong is told by its
 * place alone: the parser's own words show the line, and with it a secret.
 */
function parsed(text: string, source: string): unknown {
  try {
    return parse(text, { schema: 'failsafe', customTags: ['null'] });
  } catch (error) {
    const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
    throw new KontenaError('KON_INVALID', `${source} is neither YAML nor JSON${line === undefined ? '' : `, by line ${String(line)}`}: values with signs that mean something in YAML are quoted`);
  }
}

function plainValue(name: string, value: unknown): string | null {
  if (value === null || typeof value === 'string') return value;
  throw new KontenaError('KON_INVALID', `${name} is a ${Array.isArray(value) ? 'list' : 'map'}: the value of a secret is a text`);
}
