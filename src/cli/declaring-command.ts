import { KontenaError, type StackSpec } from '../model/index.js';
import type { Applied, ApplyRequest, Control, Resource } from '../ports/index.js';
import { StackCommand } from './stack-command.js';
import { noLongerWanted } from './stacks/index.js';

/** A stack on its way to the master. */
export interface Declared {
  readonly stack: StackSpec;
  /** Absolute path of its file in a directory of stacks. */
  readonly origin?: string;
  /** What its variables write to the vault. */
  readonly secrets: Readonly<Record<string, string>>;
}

interface Way {
  /** Look and answer, change nothing. */
  readonly isDry: boolean;
  /** What was installed with one of them stays, though none depends on it any longer. */
  readonly keepsOthers?: boolean;
  /** Hears of each as it is done. */
  readonly told: (one: Applied) => Promise<void>;
}

/** A command that tells the master what stacks are to be. */
export abstract class DeclaringCommand extends StackCommand {
  /** Declares a stack. What the master finds wrong is shown where it stands in the user's file. @throws KontenaError */
  protected async declare(control: Control, request: ApplyRequest): Promise<Applied> {
    try {
      return await control.stacks.apply(request);
    } catch (error) {
      const source = [...this.sources].find(([, text]) => text === request.stack.source);
      if (!(error instanceof KontenaError) || error.mistakes.length === 0 || source === undefined) throw error;
      const { placeMistakes } = await import('../stackfile/index.js');
      const [name, text] = source;
      throw new KontenaError(error.code, `the master refuses ${name}`, { cause: error, mistakes: placeMistakes({ name, text }, error.mistakes) });
    }
  }

  /**
   * Declares stacks one after another, and removes what was installed with one of them and is depended on no longer.
   *
   * @returns what was applied, and the names of those removed
   */
  protected async declareAll(stacks: readonly Declared[], { isDry, keepsOthers = false, told }: Way): Promise<{ readonly applied: readonly Applied[]; readonly removed: readonly string[] }> {
    const { control, grid } = await this.master();
    const fresh = isDry ? newServices(stacks.map(({ stack }) => stack), await this.stacks()) : new Set<string>();
    const removed = keepsOthers ? [] : noLongerWanted(new Set(stacks.map(({ stack }) => stack.name)), await this.stacks());
    const applied: Applied[] = [];
    for (const { stack, origin, secrets } of stacks) {
      const one = await this.declare(control, { grid, stack: withoutLinksTo(fresh, stack), dryRun: isDry, secrets, ...(origin === undefined ? {} : { origin }) }).catch((error: unknown) => {
        if (!isDry && applied.length > 0) this.note(`What was declared before stays: ${applied.map(({ name }) => name).join(', ')}.`);
        throw error;
      });
      applied.push(one);
      await told(one);
    }
    if (!isDry) for (const name of removed) await control.resources.remove(grid, 'stack', name);
    return { applied, removed };
  }
}

/** Services that are declared here and that the grid does not have yet. */
function newServices(stacks: readonly StackSpec[], known: readonly Resource[]): ReadonlySet<string> {
  const there = new Set(known.flatMap(({ name, spec }) => Object.keys(spec.services ?? {}).map((service) => `${name}/${service}`)));
  return new Set(stacks.flatMap(({ name, services }) => Object.keys(services).map((service) => `${name}/${service}`)).filter((service) => !there.has(service)));
}

/** A stack as it can be tried before the services that it links to have been made. */
function withoutLinksTo(fresh: ReadonlySet<string>, stack: StackSpec): StackSpec {
  if (fresh.size === 0) return stack;
  const isThere = ({ service }: { readonly service: string }): boolean => !fresh.has(service) || service.startsWith(`${stack.name}/`);
  return { ...stack, services: Object.fromEntries(Object.entries(stack.services).map(([name, service]) => [name, { ...service, links: service.links.filter(isThere) }])) };
}
