import type { StackName, StackRegistry } from '../stack-registry/index.js';
import { renderTable } from './output/index.js';
import { RegistryCommand } from './registry-command.js';

interface Listed {
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
  /** Those whose name holds a text, each with its newest version. */
  protected async show(text: string, { isJson, isQuiet }: Wish): Promise<number> {
    const registry = await this.ownRegistry();
    const names = await registry.search(text);
    if (isQuiet) this.print(...names.map(({ user, stack }) => `${user}/${stack}`));
    else {
      const items: Listed[] = [];
      for (const name of names) items.push(await this.#listed(registry, name));
      if (isJson) await this.printJson({ kind: 'RegistryStackList', items });
      else if (items.length > 0) this.print(...renderTable(COLUMNS, items, this.host.out.columns));
    }
    if (names.length === 0 && !isJson) this.note(text === '' ? 'The stack registry is empty.' : `No name of a stack holds "${text}".`);
    return 0;
  }

  async #listed(registry: StackRegistry, name: StackName): Promise<Listed> {
    const newest = await registry.pull(name, undefined);
    return { name: `${name.user}/${name.stack}`, version: newest?.version ?? '', description: newest === undefined ? '' : await this.descriptionOf(newest.text) };
  }
}

const COLUMNS = [
  { title: 'NAME', cell: ({ name }: Listed): string => name, isKey: true },
  { title: 'VERSION', cell: ({ version }: Listed): string => version },
  { title: 'DESCRIPTION', cell: ({ description }: Listed): string => description },
];
