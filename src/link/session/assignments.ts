import { type Assignment, type Assignments, KontenaError, serviceRevisionName, type ServiceSpec, slotOf, vaultUses, versionName } from '../../model/index.js';
import type { Store, Vault } from '../../ports/index.js';

/**
 * Everything one node must run, as the durable state of its grid says now, and the values that its services open. A value
 * that cannot be had is left out: what needs it waits, and all else goes on.
 *
 * @throws KON_INTERNAL when the service of what must run is not recorded: what is left out of assignments is stopped, so none are better than some
 */
export function assignmentsOf({ store, vault }: { readonly store: Store; readonly vault: Vault }, grid: string, node: string): Assignments {
  const view = store.view(grid);
  const services: Record<string, ServiceSpec> = {};
  const instances: Assignment[] = [];
  const isUnconfirmed = view.get('Node', node)?.body.isUnconfirmed === true;
  for (const { name, body } of view.instancesOn(node)) {
    const service = serviceRevisionName(body.service, body.revision);
    const spec = services[service] ?? view.get('Service', service)?.body.spec;
    // What keeps data may still run on the machine that bore the name before: this one is told nothing of it.
    if (isUnconfirmed && spec?.stateful !== false) continue;
    if (spec !== undefined) services[service] = spec;
    else if (body.wanted === 'running') throw new KontenaError('KON_INTERNAL', `instance ${name} is of service ${service}, which is not recorded`);
    const hooksDone = view.get('HooksDone', slotOf(name))?.body.hooks;
    instances.push({ name, service, wanted: body.wanted, ...(hooksDone === undefined ? {} : { hooksDone }) });
  }
  return { ...store.identity, revision: view.revision, grid, services, instances, secrets: valuesOf(vault, grid, Object.values(services)) };
}

function valuesOf(vault: Vault, grid: string, services: readonly ServiceSpec[]): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const use of services.flatMap(vaultUses)) {
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
  if (a.epoch !== b.epoch || a.instances.length !== b.instances.length) return false;
  const sameInstances = a.instances.every((one, index) => {
    const other = b.instances[index];
    return one.name === other?.name && one.service === other.service && one.wanted === other.wanted && one.hooksDone?.join() === other.hooksDone?.join();
  });
  const sameSecrets = Object.keys(a.secrets).join() === Object.keys(b.secrets).join();
  return sameInstances && sameSecrets && Object.entries(a.services).every(([name, spec]) => isSameSpec(spec, b.services[name]));
}

/** Records are frozen and shared, so that the same object is the usual case. */
const isSameSpec = (a: ServiceSpec, b: ServiceSpec | undefined): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
