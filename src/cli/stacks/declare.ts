import { KontenaError, type StackSpec } from '../../model/index.js';
import type { Applied, ApplyRequest, Control, Resource } from '../../ports/index.js';
import type { Run } from '../run.js';
import { noLongerWanted } from './family.js';
import type { InstalledStacks } from './installed.js';

/** A stack on its way to the master. */
export interface Declared {
  readonly stack: StackSpec;
  /** Absolute path of its file in a directory of stacks. */
  readonly origin?: string;
  /** What its variables write to the vault. */
  readonly secrets: Readonly<Record<string, string>>;
}

interface Way {
  /** What the grid had before. */
  readonly installed: InstalledStacks;
  /** Look and answer, change nothing. */
  readonly isDry: boolean;
  /** What was installed with one of them stays, though none depends on it any longer. */
  readonly keepsOthers?: boolean;
  /** Names of volumes that are declared before them. */
  readonly volumes?: readonly string[];
  /** Hears of each as it is done. */
  readonly told?: (one: Applied) => Promise<void>;
}

/** What declaring stacks came to. */
export interface Declaration {
  readonly applied: readonly Applied[];
  /** Stacks that are depended on no longer. */
  readonly removed: readonly string[];
}

/** Declares stacks one after another, and removes what was installed with one of them and is depended on no longer. @throws KontenaError */
export async function declareStacks(run: Run, stacks: readonly Declared[], { installed, isDry, keepsOthers = false, volumes = [], told }: Way): Promise<Declaration> {
  const { control, grid } = await run.master();
  const fresh = isDry ? newServices(stacks.map(({ stack }) => stack), await installed.all()) : new Set<string>();
  const removed = keepsOthers ? [] : noLongerWanted(new Set(stacks.map(({ stack }) => stack.name)), await installed.all());
  const applied: Applied[] = [];
  for (const { stack, origin, secrets } of stacks) {
    const request: ApplyRequest = { grid, stack: withoutLinksTo(fresh, stack), dryRun: isDry, secrets, ...(volumes.length === 0 ? {} : { volumes }), ...(origin === undefined ? {} : { origin }) };
    const one = await declare(control, request, run.sources).catch((error: unknown) => {
      if (!isDry && applied.length > 0) run.note(`What was declared before stays: ${applied.map(({ name }) => name).join(', ')}.`);
      throw error;
    });
    applied.push(one);
    await told?.(one);
  }
  if (!isDry) for (const name of removed) await control.resources.remove(grid, 'stack', name);
  return { applied, removed };
}

/** Declares a stack. What the master finds wrong is shown where it stands in the user's file. */
async function declare(control: Control, request: ApplyRequest, sources: ReadonlyMap<string, string>): Promise<Applied> {
  try {
    return await control.stacks.apply(request);
  } catch (error) {
    const source = [...sources].find(([, text]) => text === request.stack.source);
    if (!(error instanceof KontenaError) || error.mistakes.length === 0 || source === undefined) throw error;
    const { placeMistakes } = await import('../../stackfile/index.js');
    const [name, text] = source;
    throw new KontenaError(error.code, `the master refuses ${name}`, { cause: error, mistakes: placeMistakes({ name, text }, error.mistakes) });
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
