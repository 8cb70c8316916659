import type { StackRegistry } from '../../stack-registry/index.js';
import { renderTable, type Column } from '../output/index.js';
import type { Run } from '../run.js';

interface Shown {
  readonly name: string;
  readonly version: string;
  readonly description: string;
}

interface View {
  readonly isJson: boolean;
  /** Names alone. */
  readonly isQuiet: boolean;
}

const COLUMNS: readonly Column<Shown>[] = [
  { title: 'NAME', cell: ({ name }) => name, isKey: true },
  { title: 'VERSION', cell: ({ version }) => version },
  { title: 'DESCRIPTION', cell: ({ description }) => description },
];

/** Shows the stacks of a registry whose name or description holds a text, each with its newest version. */
export async function showRegistryStacks(run: Run, registry: StackRegistry, text: string, { isJson, isQuiet }: View): Promise<void> {
  const { fullName, searchStacks } = await import('../../stack-registry/index.js');
  const items = (await searchStacks(registry, text)).map(({ name, version, description }): Shown => ({ name: fullName(name), version, description }));
  if (isJson) await run.printJson({ kind: 'RegistryStackList', items });
  else if (isQuiet) run.print(...items.map(({ name }) => name));
  else if (items.length > 0) run.print(...renderTable(COLUMNS, items, run.host.out.columns));
  if (items.length === 0 && !isJson) run.note(text === '' ? `The stack registry ${registry.address} is empty.` : `No stack of ${registry.address} has "${text}" in its name or its description.`);
}
