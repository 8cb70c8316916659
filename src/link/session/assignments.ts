import {
  type Assignment,
  type Assignments,
  type BalancersSection,
  type ContainersSection,
  gridNetwork,
  hasRegistry,
  isBalancerName,
  isOwnImage,
  isSame as isEqual,
  KontenaError,
  maxUnavailable,
  type NamesSection,
  NO_BALANCERS,
  type NetworkSection,
  parseInstance,
  parseLogin,
  parseServiceRevision,
  REGISTRY_PASSWORD,
  REGISTRY_STACK,
  REGISTRY_USER,
  registryHost,
  type RegistryLogin,
  regionOf,
  registryOf,
  restrictedOn,
  serviceName,
  serviceRevisionName,
  type ServiceSpec,
  slotOf,
  type StatisticsSection,
  subnetText,
  type VaultItem,
  vaultUses,
  mountedVolumes,
  versionName,
  wholeImage,
  type VolumeBody,
} from '../../model/index.js';
import type { Store, Vault, View } from '../../ports/index.js';
import { answersByBalancers, answersOn } from './answers.js';
import { balancersAmong, drainSecondsIn, openedBy } from './balancers.js';

/**
 * Everything one node must run, as the durable state of its grid says now, and the values that its services and balancers open. A value
 * that cannot be had is left out: what needs it waits, and all else goes on.
 *
 * @param balancerImage what a balancer runs that names no image but `kontena/lb`
 *
 * @throws KON_INTERNAL when the service of what must run is not recorded: what is left out of assignments is stopped, so none are better than some
 */
export function assignmentsOf({ store, vault, balancerImage }: { readonly store: Store; readonly vault: Vault; readonly balancerImage: string }, grid: string, node: string): Assignments {
  const view = store.view(grid);
  const { services, instances } = runningOn(view, node);
  const told = withImages({ ...servicesAhead(instances, view), ...services }, { balancerImage, grid });
  return {
    ...store.identity,
    revision: view.revision,
    grid,
    containers: {
      services: told, instances, ...loginsOf(Object.values(told), { vault, view }),
      secrets: valuesOf(vault, grid, Object.values(services).flatMap(vaultUses)), volumes: volumesOf(view, Object.values(services)),
    },
    network: networkOf(view, node),
    names: { links: linksOf(services) },
    balancers: balancersOf({ services, instances }, { vault, view }),
    answers: { challenges: answersOn(node, view) },
    registry: hasRegistry(view) ? { host: registryHost(grid) } : {},
    statistics: statisticsOf(view),
  };
}

/** The instances of a node, and what they are made from. @throws KON_INTERNAL as {@link assignmentsOf} */
function runningOn(view: View, node: string): Pick<ContainersSection, 'services' | 'instances'> {
  const services: Record<string, ServiceSpec> = {};
  const instances: Assignment[] = [];
  const drainSeconds = drainSecondsIn(view);
  const isUnconfirmed = view.get('Node', node)?.body.isUnconfirmed === true;
  for (const entry of view.instancesOn(node)) {
    const { name, body } = entry;
    const service = serviceRevisionName(body.service, body.revision);
    const spec = services[service] ?? view.get('Service', service)?.body.spec;
    // What keeps data may still run on the machine that bore the name before: this one is told nothing of it.
    if (isUnconfirmed && spec?.stateful !== false) continue;
    if (spec !== undefined) services[service] = spec;
    else if (body.wanted === 'running') throw new KontenaError('KON_INTERNAL', `instance ${name} is of service ${service}, which is not recorded`);
    instances.push({ name, service, wanted: body.wanted, ...hooksDoneBy(view, name), ...drainOf(drainSeconds(entry)) });
  }
  return { services, instances };
}

function hooksDoneBy(view: View, instance: string): Pick<Assignment, 'hooksDone'> {
  const hooksDone = view.get('HooksDone', slotOf(instance))?.body.hooks;
  return hooksDone === undefined ? {} : { hooksDone };
}

const drainOf = (drainSeconds: number | undefined): Pick<Assignment, 'drainSeconds'> => (drainSeconds === undefined ? {} : { drainSeconds });

/** Of each service whose image is another for the engine than in its file: the same object for the same service, as others compare them. */
const imaged = new WeakMap<ServiceSpec, ServiceSpec>();

interface Images {
  readonly balancerImage: string;
  readonly grid: string;
}

const withImages = (services: Readonly<Record<string, ServiceSpec>>, images: Images): Readonly<Record<string, ServiceSpec>> =>
  Object.fromEntries(Object.entries(services).map(([name, spec]) => [name, withImage(spec, imageOf(spec, images))]));

const imageOf = ({ balancer, image }: ServiceSpec, { balancerImage, grid }: Images): string => wholeImage(balancer !== undefined && isBalancerName(image) ? balancerImage : image, grid);

function withImage(spec: ServiceSpec, image: string): ServiceSpec {
  if (spec.image === image) return spec;
  const known = imaged.get(spec);
  if (known?.image === image) return known;
  const made = { ...spec, image };
  imaged.set(spec, made);
  return made;
}

/** What the balancers among what runs on a node serve and answer, and what they open for it. */
function balancersOf(running: Pick<ContainersSection, 'services' | 'instances'>, { vault, view }: { readonly vault: Vault; readonly view: View }): BalancersSection {
  const balancers = balancersAmong(running, view);
  if (Object.keys(balancers).length === 0) return NO_BALANCERS;
  return { balancers, secrets: valuesOf(vault, view.grid, openedBy(balancers)), challenges: answersByBalancers(view) };
}

/** What the slots here that move next will run: as many slots of a service as move at once, so that a rollout waits for no image. */
function servicesAhead(instances: readonly Assignment[], view: View): Readonly<Record<string, ServiceSpec>> {
  const ahead: Record<string, ServiceSpec> = {};
  for (const { name, wanted } of instances) {
    const id = parseInstance(name);
    const rollout = id === undefined ? undefined : view.get('Rollout', id.stack)?.body.services[id.service.slice(id.stack.length + 1)];
    if (wanted !== 'running' || id === undefined || rollout?.still[String(id.slot)] === undefined) continue;
    const next = serviceRevisionName(id.service, rollout.revision);
    const spec = view.get('Service', next)?.body.spec;
    if (spec !== undefined && movesNext(id.slot, Object.keys(rollout.still), maxUnavailable(view.instancesOf(id.service).length, spec.deploy.minHealth))) ahead[next] = spec;
  }
  return ahead;
}

/** The services of a stack of which slots move: what is told of them ahead may be something else now. */
export const movingServices = (stack: string, view: View): readonly string[] =>
  Object.entries(view.get('Rollout', stack)?.body.services ?? {}).flatMap(([service, { still }]) => (Object.keys(still).length === 0 ? [] : [serviceName(stack, service)]));

/** The nodes whose part in the network may be another for a stack; of the registry, all. */
export const nodesOfStack = (stack: string, view: View): readonly string[] => (stack === REGISTRY_STACK ? allNodes(view) : view.list('Instance').map(({ body }) => body.node));

/** The nodes that may be told another password. */
export const nodesOfSecret = (secret: string, view: View): readonly string[] => (secret === REGISTRY_PASSWORD ? allNodes(view) : []);

const allNodes = (view: View): readonly string[] => view.list('Node').map(({ name }) => name);

/** Slots move in the order of their numbers. */
const movesNext = (slot: number, behind: readonly string[], atOnce: number): boolean => behind.filter((other) => Number(other) < slot).length < atOnce;

function statisticsOf(view: View): StatisticsSection {
  const statsd = view.get('Grid', view.grid)?.body.statsd;
  return statsd === undefined ? {} : { statsd };
}

/** A node's place in its grid's network. */
function networkOf(view: View, node: string): NetworkSection {
  const lease = view.get('Lease', node)?.body;
  const region = regionOf(view.get('Node', node)?.body.labels ?? []);
  return {
    subnet: subnetText(gridNetwork(view.get('Grid', view.grid)?.body ?? {}).subnet),
    ...(lease?.subnet === undefined ? {} : { lease: lease.subnet }),
    ...(lease?.reason === undefined ? {} : { reason: lease.reason }),
    ...(region === undefined ? {} : { region }),
    restricted: restrictedOn(view, node),
  };
}

/** Of each service, in its newest revision here, the names by which it knows others. */
function linksOf(services: Readonly<Record<string, ServiceSpec>>): NamesSection['links'] {
  const newest = new Map<string, { readonly revision: number; readonly spec: ServiceSpec }>();
  for (const [name, spec] of Object.entries(services)) {
    const id = parseServiceRevision(name);
    if (id !== undefined && (newest.get(id.service)?.revision ?? -1) < id.revision) newest.set(id.service, { revision: id.revision, spec });
  }
  return Object.fromEntries([...newest].flatMap(([service, { spec }]) =>
    spec.links.length === 0 ? [] : [[service, Object.fromEntries(spec.links.map(({ alias, service: linked }) => [alias, linked]))]]));
}

function volumesOf(view: View, services: readonly ServiceSpec[]): Readonly<Record<string, VolumeBody>> {
  const names = new Set(services.flatMap(mountedVolumes));
  return Object.fromEntries([...names].flatMap((name) => {
    const volume = view.get('Volume', name)?.body;
    return volume === undefined ? [] : [[name, volume] as const];
  }));
}

/** How the registries are asked that images of these services come from, where somebody said so. */
function loginsOf(services: readonly ServiceSpec[], { vault, view }: { readonly vault: Vault; readonly view: View }): Pick<ContainersSection, 'logins'> {
  const logins = [...new Set(services.map(({ image }) => registryOf(image)))].sort().flatMap((host) => {
    const version = view.get('Registry', host)?.body.version;
    const text = version === undefined ? undefined : valueOf(() => vault.read(view.grid, { kind: 'Registry', name: host }, version));
    return text === undefined ? [] : [[host, parseLogin(text)] as const];
  });
  const all = [...logins, ...ownLogin(services, { vault, view })];
  return all.length === 0 ? {} : { logins: Object.fromEntries(all) };
}

/** Of the grid's own registry, which is known without anybody's saying so. */
function ownLogin(services: readonly ServiceSpec[], { vault, view }: { readonly vault: Vault; readonly view: View }): readonly (readonly [string, RegistryLogin])[] {
  const version = services.some(({ image }) => isOwnImage(image, view.grid)) && hasRegistry(view) ? view.get('Secret', REGISTRY_PASSWORD)?.body.version : undefined;
  const password = version === undefined ? undefined : valueOf(() => vault.read(view.grid, { kind: 'Secret', name: REGISTRY_PASSWORD }, version));
  return password === undefined ? [] : [[registryHost(view.grid), { user: REGISTRY_USER, password }]];
}

function valuesOf(vault: Vault, grid: string, uses: readonly (VaultItem & { readonly version?: number | undefined })[]): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const use of uses) {
    if (use.version === undefined) continue;
    const name = versionName(use, use.version);
    const value = values[name] ?? valueOf(() => vault.read(grid, use, use.version ?? 0));
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function valueOf(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof KontenaError) return undefined;
    throw error;
  }
}

/** Whether two assignments ask for the same; their revisions aside. A value is as its version was when first sealed. */
export function isSame(a: Assignments, b: Assignments): boolean {
  return a.epoch === b.epoch && runSame(a.containers, b.containers) && isEqual(a.network, b.network) && isEqual(a.names, b.names) && isEqual(a.balancers, b.balancers) && isEqual(a.answers, b.answers) && isEqual(a.registry, b.registry) && isEqual(a.statistics, b.statistics);
}

function runSame(a: ContainersSection, b: ContainersSection): boolean {
  if (a.instances.length !== b.instances.length) return false;
  const sameInstances = a.instances.every((one, index) => {
    const other = b.instances[index];
    return one.name === other?.name && one.service === other.service && one.wanted === other.wanted && one.drainSeconds === other.drainSeconds && one.hooksDone?.join() === other.hooksDone?.join();
  });
  if (Object.keys(a.services).length !== Object.keys(b.services).length) return false;
  const sameSecrets = Object.keys(a.secrets).join() === Object.keys(b.secrets).join();
  return sameInstances && sameSecrets && isEqual(a.volumes, b.volumes) && isEqual(a.logins, b.logins) && Object.entries(a.services).every(([name, spec]) => isSameSpec(spec, b.services[name]));
}

/** Records are frozen and shared, so that the same object is the usual case. */
const isSameSpec = (a: ServiceSpec, b: ServiceSpec | undefined): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
