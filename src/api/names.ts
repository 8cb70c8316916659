import { parseInstance, parseService } from '../model/index.js';
import type { ResourceKind, Store, Target, View } from '../ports/index.js';
import { notFound } from './not-found.js';

/** `todo/web.2`: an instance without its round, or a slot that has none yet. */
const SLOT = /^([^/@]+\/[^/@.]+)\.(\d+)$/;

export interface Slot {
  /** `todo/web`. */
  readonly service: string;
  readonly slot: number;
}

/** The parts of `todo/web.2`; undefined when it is not the name of a slot. */
export function parseSlot(name: string): Slot | undefined {
  const match = SLOT.exec(name);
  return match === null ? undefined : { service: match[1] as string, slot: Number(match[2]) };
}

/**
 * `stack/todo` → `todo`, as `-o name` prints them. A service's own name has a slash too, so there the prefix counts
 * only before a whole name: `service/todo/web`.
 */
export function withoutKind(kind: ResourceKind, name: string): string {
  const prefix = `${kind}/`;
  if (!name.startsWith(prefix)) return name;
  const rest = name.slice(prefix.length);
  return (kind !== 'service' && kind !== 'instance') || rest.includes('/') ? rest : name;
}

/** The full name of what a person named, which may not exist. */
export function fullName(kind: ResourceKind, typed: string, view: View): string {
  const name = withoutKind(kind, typed);
  if (kind === 'instance') return newestInstance(name, view) ?? name;
  if (kind === 'service' && !name.includes('/')) return onlyService(name, view) ?? name;
  if (kind === 'route') return onlyRoute(name, view) ?? name;
  return name;
}

/** The instance of a slot: the one that shall run, else its newest round. */
function newestInstance(name: string, view: View): string | undefined {
  const slot = parseSlot(name);
  if (slot === undefined) return undefined;
  const rounds = view.instancesOf(slot.service).filter(({ body }) => body.slot === slot.slot);
  return (rounds.findLast(({ body }) => body.wanted === 'running') ?? rounds.at(-1))?.name;
}

/** `todo/web` for `web`, when no other stack has a service of that name and no stack bears it itself. */
function onlyService(name: string, view: View): string | undefined {
  if (view.get('Stack', name) !== undefined) return undefined;
  const found = view.list('Stack').filter(({ body }) => body.spec.services[name] !== undefined);
  return found.length === 1 && found[0] !== undefined ? `${found[0].name}/${name}` : undefined;
}

/** `infra/lb:todo/web` for `todo/web` or `web`, where one balancer alone serves it. */
function onlyRoute(name: string, view: View): string | undefined {
  const found = view.list('Route').filter(({ body: { service } }) => service === name || service.slice(service.indexOf('/') + 1) === name);
  return found.length === 1 ? found[0]?.name : undefined;
}

/** What a name given to `logs` means: an instance, or all those of a service or a stack. */
export function instancesMeant(typed: string, view: View): { readonly kind: 'instance' | 'service' | 'stack'; readonly name: string } {
  const kinds = ['instance', 'service', 'stack'] as const;
  for (const kind of kinds) {
    const name = fullName(kind, typed, view);
    if (kind === 'instance' && parseInstance(name) !== undefined && view.get('Instance', name) !== undefined) return { kind, name };
    if (kind === 'service' && isDeclared(name, view)) return { kind, name };
    if (kind === 'stack' && isStack(name, view)) return { kind, name };
  }
  throw notFound({ what: 'instance, service or stack', typed, grid: view.grid, known: [...declaredNames(view), ...view.list('Instance').map(({ name }) => name)] });
}

/** The full name of what a call acts upon, which may not exist; undefined where the call names nothing of a grid. */
export function nameMeant(store: Store, { grid, kind, name }: Target): string | undefined {
  if (grid === undefined || kind === undefined || name === undefined) return undefined;
  return kind === 'any' ? anyMeant(name, store.view(grid)) : fullName(kind, name, store.view(grid));
}

function anyMeant(name: string, view: View): string {
  try {
    return instancesMeant(name, view).name;
  } catch {
    return withoutKind('stack', withoutKind('service', withoutKind('instance', name)));
  }
}

/** The stacks that were declared, and their services. */
export const declaredNames = (view: View): readonly string[] =>
  view.list('Stack').flatMap(({ name, body }) => [name, ...Object.keys(body.spec.services).map((service) => `${name}/${service}`)]);

/** Whether a name is that of a stack or a service: one that was removed counts while instances of it are there. */
export const isMeant = (name: string, view: View): boolean => isDeclared(name, view) || isStack(name, view);

const isStack = (name: string, view: View): boolean => view.get('Stack', name) !== undefined || view.list('Instance', `${name}/`).length > 0;

function isDeclared(service: string, view: View): boolean {
  const id = parseService(service);
  if (id === undefined) return false;
  return view.get('Stack', id.stack)?.body.spec.services[id.service] !== undefined || view.instancesOf(service).length > 0;
}

/** Whether the resource `name` belongs to the stack or service `of`; a route does to the service that it is of, and to its balancer. */
export const belongs = (name: string, of: string | undefined): boolean =>
  of === undefined || name.split(':').some((one) => one === of || (of.includes('/') ? one.startsWith(`${of}.`) : one.startsWith(`${of}/`)));
