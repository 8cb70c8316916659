import { renderTable } from './output/index.js';
import { RegistryCommand } from './registry-command.js';

interface Shown {
  readonly name: string;
  readonly version: string;
  readonly description: string;
}

interface Wish {
  readonly isJson: boolean;
  readonly isQuiet: boolean;
}

/** A command that shows stacks of the registry. */
export abstract class ListingCommand extends RegistryCommand {
  /** Those whose name or description holds a text, each with its newest version. */
  protected async show(text: string, { isJson, isQuiet }: Wish): Promise<number> {
    const registry = await this.ownRegistry();
    const { fullName, searchStacks } = await import('../stack-registry/index.js');
    const items = (await searchStacks(registry, text)).map(({ name, version, description }): Shown => ({ name: fullName(name), version, description }));
    if (isJson) await this.printJson({ kind: 'RegistryStackList', items });
    else if (isQuiet) this.print(...items.map(({ name }) => name));
    else if (items.length > 0) this.print(...renderTable(COLUMNS, items, this.host.out.columns));
    if (items.length === 0 && !isJson) this.note(text === '' ? `The stack registry ${registry.address} is empty.` : `No stack of ${registry.address} has "${text}" in its name or its description.`);
    return 0;
  }
}

const COLUMNS = [
  { title: 'NAME', cell: ({ name }: Shown): string => name, isKey: true },
  { title: 'VERSION', cell: ({ version }: Shown): string => version },
  { title: 'DESCRIPTION', cell: ({ description }: Shown): string => description },
];
