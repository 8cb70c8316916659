import { KontenaError } from '../model/index.js';
import type { StackRegistry } from '../stack-registry/index.js';
import { StackCommand } from './stack-command.js';
import { missingSource } from './stacks/index.js';

/** A command that works on the stack registry. */
export abstract class RegistryCommand extends StackCommand {
  /** @throws KontenaError KON_REGISTRY_MISSING */
  protected async ownRegistry(): Promise<StackRegistry> {
    const registry = await this.registry();
    if (registry === undefined) throw new KontenaError('KON_REGISTRY_MISSING', 'no stack registry is named');
    return registry;
  }

  /** One version of a stack. @throws KontenaError KON_NOT_FOUND, KON_INVALID */
  protected async pulled(reference: string): Promise<{ readonly version: string; readonly text: string }> {
    const { parseReference } = await import('../stack-registry/index.js');
    const { name, version } = parseReference(reference);
    const registry = await this.ownRegistry();
    const found = await registry.pull(name, version);
    if (found === undefined) throw await missingSource(reference, () => Promise.resolve(registry));
    return found;
  }
}
