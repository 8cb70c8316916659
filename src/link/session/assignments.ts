import {
  type Assignment,
  type Assignments,
  type BalancersSection,
  type ContainersSection,
  gridNetwork,
  isSame as isEqual,
  KontenaError,
  type NamesSection,
  NO_BALANCERS,
  type NetworkSection,
  parseServiceRevision,
  regionOf,
  restrictedOn,
  serviceRevisionName,
  type ServiceSpec,
  slotOf,
  subnetText,
  type VaultItem,
  vaultUses,
  versionName,
} from '../../model/index.js';
import type { Store, Vault, View } from '../../ports/index.js';
import { answersByBalancers, answersOn } from './answers.js';
import { balancersAmong, drainSecondsOf, openedBy } from './balancers.js';

/**
 * Everything one node must run, as the durable state of its grid says now, and the values that its services and balancers open. A value
 * that cannot be had is left out: what needs it waits, and all else goes on.
 *
 * @throws KON_INTERNAL when the service of what must run is not recorded: what is left out of assignments is stopped, so none are better than some
 */
export function assignmentsOf({ store, vault }: { readonly store: Store; readonly vault: Vault }, grid: string, node: string): Assignments {
  const view = store.view(grid);
  const services: Record<string, ServiceSpec> = {};
  const instances: Assignment[] = [];
  const drainSeconds = drainSecondsOf(view);
  const isUnconfirmed = view.get('Node', node)?.body.isUnconfirmed === true;
  for (const { name, body } of view.instancesOn(node)) {
    const service = serviceRevisionName(body.service, body.revision);
    const spec = services[service] ?? view.get('Service', service)?.body.spec;
    // What keeps data may still run on the machine that bore the name before: this one is told nothing of it.
    if (isUnconfirmed && spec?.stateful !== false) continue;
    if (spec !== undefined) services[service] = spec;
    else if (body.wanted === 'running') throw new KontenaError('KON_INTERNAL', `instance ${name} is of service ${service}, which is not recorded`);
    instances.push({ name, service, wanted: body.wanted, ...hooksDoneOf(name, view), ...drainOf(body.service, drainSeconds) });
  }
  return {
    ...store.identity,
    revision: view.revision,
    grid,
    containers: { services, instances, secrets: valuesOf(vault, grid, Object.values(services).flatMap(vaultUses)) },
    network: networkOf(view, node),
    names: { links: linksOf(services) },
    balancers: balancersOf(services, { vault, view }),
    answers: { challenges: answersOn(node, view) },
  };
}

function hooksDoneOf(instance: string, view: View): Pick<Assignment, 'hooksDone'> {
  const hooksDone = view.get('HooksDone', slotOf(instance))?.body.hooks;
  return hooksDone === undefined ? {} : { hooksDone };
}

function drainOf(service: string, all: ReadonlyMap<string, number>): Pick<Assignment, 'drainSeconds'> {
  const drainSeconds = all.get(service);
  return drainSeconds === undefined ? {} : { drainSeconds };
}

/** What the balancers among a node's services serve and answer, and what they open for it. */
function balancersOf(services: Readonly<Record<string, ServiceSpec>>, { vault, view }: { readonly vault: Vault; readonly view: View }): BalancersSection {
  const balancers = balancersAmong(services, view);
  if (Object.keys(balancers).length === 0) return NO_BALANCERS;
  return { balancers, secrets: valuesOf(vault, view.grid, openedBy(balancers)), challenges: answersByBalancers(view) };
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
  return a.epoch === b.epoch && runSame(a.containers, b.containers) && isEqual(a.network, b.network) && isEqual(a.names, b.names) && isEqual(a.balancers, b.balancers) && isEqual(a.answers, b.answers);
}

function runSame(a: ContainersSection, b: ContainersSection): boolean {
  if (a.instances.length !== b.instances.length) return false;
  const sameInstances = a.instances.every((one, index) => {
    const other = b.instances[index];
    return one.name === other?.name && one.service === other.service && one.wanted === other.wanted && one.drainSeconds === other.drainSeconds && one.hooksDone?.join() === other.hooksDone?.join();
  });
  const sameSecrets = Object.keys(a.secrets).join() === Object.keys(b.secrets).join();
  return sameInstances && sameSecrets && Object.entries(a.services).every(([name, spec]) => isSameSpec(spec, b.services[name]));
}

/** Records are frozen and shared, so that the same object is the usual case. */
const isSameSpec = (a: ServiceSpec, b: ServiceSpec | undefined): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
