import { affinityMistake, balancingUses, isName, type Mistake, parseService, serviceName, type ServiceSpec, type StackSpec, type VaultItem } from '../model/index.js';
import type { View } from '../ports/index.js';

/** More instances of one service than anyone runs; fewer than would keep a scheduler busy for minutes by a slip of the finger. */
const MOST_INSTANCES = 10_000;

/** The longest name that a container's host name may have, by the engine. */
const LONGEST_HOST_NAME = 64;

/** Whether enough of a stack has the form it should have for the rest to be looked at: whoever sent it is not trusted. */
export function hasForm({ name, services }: { readonly name: unknown; readonly services: unknown }): boolean {
  if (typeof name !== 'string' || typeof services !== 'object' || services === null) return false;
  return Object.values(services).every(
    (service: unknown) => typeof service === 'object' && service !== null && LISTS.every((key) => Array.isArray((service as Readonly<Record<string, unknown>>)[key])),
  );
}

const LISTS = ['links', 'secrets', 'certificates', 'affinity', 'volumes'];

/** What will be there with a stack: secrets that are written with it, volumes that are declared before it. */
export interface Along {
  readonly secrets: ReadonlySet<string>;
  readonly volumes: ReadonlySet<string>;
}

/**
 * What is wrong with a stack of right form in the grid it is meant for: all of it at once. Pure.
 *
 * @param along names of what will be there with it
 */
export function checkStackInGrid(spec: StackSpec, along: Along, view: View): readonly Mistake[] {
  const services = Object.entries(spec.services);
  return [
    ...(isName(spec.name) ? [] : [mistake('name', `"${spec.name}" cannot name a stack`, NAME_HINT)]),
    ...services.flatMap(([name, service]) => [...ofService(spec, name, service, view), ...ofVault(name, service, along.secrets, view), ...ofVolumes(name, service, along.volumes, view)]),
    ...loops(spec, view),
    ...vanishing(spec.name, new Set(services.map(([name]) => serviceName(spec.name, name))), view),
  ];
}

/** Services of other stacks that link to services of this stack which are not in `kept`. */
export function vanishing(stack: string, kept: ReadonlySet<string>, view: View): readonly Mistake[] {
  const found: Mistake[] = [];
  for (const { name: other, body } of view.list('Stack')) {
    if (other === stack) continue;
    for (const [service, spec] of Object.entries(body.spec.services)) {
      for (const link of spec.links) {
        if (!link.service.startsWith(`${stack}/`) || kept.has(link.service)) continue;
        found.push(mistake('services', `${link.service} cannot be removed: ${serviceName(other, service)} links to it`, `Remove that link from stack ${other} first.`));
      }
    }
  }
  return found;
}

/** Undefined when `instances` may be declared; else what is wrong with it. */
export const wrongInstances = (instances: number): string | undefined =>
  Number.isInteger(instances) && instances >= 0 && instances <= MOST_INSTANCES
    ? undefined
    : `${instances} instances: a whole number from 0 to ${MOST_INSTANCES} is wanted`;

/** What is wrong with the longest host name that so many instances of a service bear; undefined when nothing is. */
export function wrongHostName(stack: string, service: string, instances: number, grid: string): string | undefined {
  const host = `${service}-${instances}.${stack}.${grid}.kontena.local`;
  return host.length <= LONGEST_HOST_NAME ? undefined : `the host name ${host} has ${host.length} characters; ${LONGEST_HOST_NAME} are allowed`;
}

const NAME_HINT = 'Use letters, digits, - and _; begin with a letter or digit; at most 63 characters.';

const mistake = (path: string, message: string, hint?: string): Mistake => ({
  severity: 'error',
  path,
  message,
  ...(hint === undefined ? {} : { hint }),
});

function ofService(stack: StackSpec, name: string, service: ServiceSpec, view: View): readonly Mistake[] {
  const path = `services.${name}`;
  const found: Mistake[] = [];
  if (!isName(name)) found.push(mistake(path, `"${name}" cannot name a service`, NAME_HINT));

  const instances = wrongInstances(service.instances);
  if (instances !== undefined) found.push(mistake(`${path}.instances`, instances));

  const host = wrongHostName(stack.name, name, service.instances, view.grid);
  if (host !== undefined) found.push(mistake(path, host, 'Shorten the name of the service or of the stack.'));

  service.links.forEach((link, at) => {
    if (!exists(link.service, stack, view)) found.push(mistake(`${path}.links[${at}]`, `links to service ${link.service}, which does not exist`));
  });

  service.affinity.forEach((rule, at) => {
    const wrong = affinityMistake(rule);
    if (wrong !== undefined) found.push(mistake(`${path}.affinity[${at}]`, wrong));
  });

  const before = view.get('Stack', stack.name)?.body.spec.services[name];
  if (before?.stateful === true && service.stateful) found.push(...newAnonymousVolumes(path, before, service));
  return found;
}

/** What is opened because of a service must be in the vault. */
function ofVault(name: string, spec: ServiceSpec, written: ReadonlySet<string>, view: View): readonly Mistake[] {
  const path = `services.${name}`;
  const missing = (item: VaultItem, at: string): readonly Mistake[] => {
    if (view.get(item.kind, item.name) !== undefined || (item.kind === 'Secret' && written.has(item.name))) return [];
    return item.kind === 'Secret'
      ? [mistake(`${path}.${at}`, `secret ${item.name} does not exist`, `Write it first: kontenactl vault write ${item.name}`)]
      : [mistake(`${path}.${at}`, `there is no certificate of ${item.name}`, 'Import it first: kontenactl certificate import')];
  };
  return [
    ...spec.secrets.flatMap(({ secret }, at) => missing({ kind: 'Secret', name: secret }, `secrets[${at}]`)),
    ...spec.certificates.flatMap(({ subject }, at) => missing({ kind: 'Certificate', name: subject }, `certificates[${at}]`)),
    ...balancingUses({ route: spec.route }).flatMap((item) => missing(item, 'route')),
    ...balancingUses({ balancer: spec.balancer }).flatMap((item) => missing(item, 'balancer')),
  ];
}

/** What a service mounts by name must be declared: its scope says whose data it is. */
const ofVolumes = (name: string, { volumes }: ServiceSpec, declared: ReadonlySet<string>, view: View): readonly Mistake[] =>
  volumes.flatMap(({ type, source = '' }, at) =>
    type !== 'volume' || declared.has(source) || view.get('Volume', source) !== undefined
      ? []
      : [mistake(`services.${name}.volumes[${at}]`, `volume ${source} is not declared in the grid`, `Declare it first: kontenactl volume create ${source} --driver local --scope instance`)]);

const exists = (service: string, stack: StackSpec, view: View): boolean => specOf(service, stack, view) !== undefined;

/** A service as it will be once `stack` is applied. */
function specOf(service: string, stack: StackSpec, view: View): ServiceSpec | undefined {
  const id = parseService(service);
  if (id === undefined) return undefined;
  return (id.stack === stack.name ? stack : view.get('Stack', id.stack)?.body.spec)?.services[id.service];
}

/** The data of a stateful service is in the volumes it began with; a new one would be empty without anyone's having said so. */
function newAnonymousVolumes(path: string, before: ServiceSpec, after: ServiceSpec): readonly Mistake[] {
  const known = new Set(before.volumes.map((volume) => volume.path));
  return after.volumes.flatMap((volume, at) =>
    volume.type === 'anonymous' && !known.has(volume.path)
      ? [mistake(`${path}.volumes[${at}]`, `a stateful service cannot be given the new anonymous volume ${volume.path}`, `Name it: \`volume:${volume.path}\`.`)]
      : [],
  );
}

/** Links that lead back to where they began through another stack, each ring named once: nothing of it could be started first. */
function loops(stack: StackSpec, view: View): readonly Mistake[] {
  const done = new Set<string>();
  const found: Mistake[] = [];

  const visit = (service: string, trail: readonly string[]): void => {
    const at = trail.indexOf(service);
    if (at >= 0) {
      const ring = trail.slice(at);
      if (ring.every((name) => name.startsWith(`${stack.name}/`))) return;
      found.push(mistake('services', `services link to each other in a ring: ${[...ring, service].join(' → ')}`, 'Remove one of these links.'));
      return;
    }
    if (done.has(service)) return;
    for (const link of specOf(service, stack, view)?.links ?? []) visit(link.service, [...trail, service]);
    done.add(service);
  };

  for (const name of Object.keys(stack.services)) visit(serviceName(stack.name, name), []);
  return found;
}
