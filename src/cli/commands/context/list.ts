import { readContexts, readCredential, type Context } from '../../context/index.js';
import { KontenaError } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { outputFlag } from '../../flags.js';
import { renderData, renderTable, type Column } from '../../output/index.js';

interface Row {
  readonly name: string;
  readonly current: boolean;
  readonly server?: string;
  readonly grid?: string;
  readonly credential: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'CURRENT', cell: ({ current }) => (current ? '*' : '') },
  { title: 'NAME', cell: ({ name }) => name, isKey: true },
  { title: 'SERVER', cell: ({ server }) => server ?? '-' },
  { title: 'GRID', cell: ({ grid }) => grid ?? 'default' },
  { title: 'CREDENTIAL', cell: ({ credential }) => credential },
];

export default class ContextList extends KontenaCommand {
  static override readonly otherNames = ['context:ls'];
  static override summary = 'Show the contexts: which masters this person knows.';
  static override examples = ['<%= config.bin %> context list'];
  static override flags = { output: outputFlag() };

  override async run(): Promise<number> {
    const { flags } = await this.parse(ContextList);
    const { contexts, current, path } = await readContexts(this.host);
    const items = await Promise.all(contexts.map((context) => row(context, current)));
    if (flags.output === 'json' || flags.output === 'yaml') this.print(...(await renderData({ kind: 'ContextList', items }, flags.output)));
    else if (flags.output === 'name') this.print(...items.map(({ name }) => name));
    else if (items.length === 0) this.note(`There are no contexts in ${path} yet.`);
    else this.print(...renderTable(COLUMNS, items, this.host.out.columns));
    return 0;
  }
}

/** Without what must stay secret. */
async function row(context: Context, current: string | undefined): Promise<Row> {
  const { name, grid, credential } = context;
  const server = context.server ?? (await serverOf(context));
  return { name, current: name === current, ...(server === undefined ? {} : { server }), ...(grid === undefined ? {} : { grid }), credential: credential ?? 'in the context' };
}

/** As the credential file says; undefined when that is not there any more. */
async function serverOf(context: Context): Promise<string | undefined> {
  try {
    return (await readCredential(context)).credential.server;
  } catch (error) {
    if (error instanceof KontenaError) return undefined;
    throw error;
  }
}
