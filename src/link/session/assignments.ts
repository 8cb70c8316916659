import { type Assignment, type Assignments, KontenaError, serviceRevisionName, type ServiceSpec, slotOf } from '../../model/index.js';
import type { Store } from '../../ports/index.js';

/**
 * Everything one node must run, as the durable state of its grid says now.
 *
 * @throws KON_INTERNAL when the service of what must run is not recorded: what is left out of assignments is stopped, so none are better than some
 */
export function assignmentsOf(store: Store, grid: string, node: string): Assignments {
  const view = store.view(grid);
  const services: Record<string, ServiceSpec> = {};
  const instances: Assignment[] = [];
  for (const { name, body } of view.instancesOn(node)) {
    const service = serviceRevisionName(body.service, body.revision);
    const spec = services[service] ?? view.get('Service', service)?.body.spec;
    if (spec !== undefined) services[service] = spec;
    else if (body.wanted === 'running') throw new KontenaError('KON_INTERNAL', `instance ${name} is of service ${service}, which is not recorded`);
    const hooksDone = view.get('HooksDone', slotOf(name))?.body.hooks;
    instances.push({ name, service, wanted: body.wanted, ...(hooksDone === undefined ? {} : { hooksDone }) });
  }
  return { ...store.identity, revision: view.revision, grid, services, instances };
}

/** Whether two assignments ask for the same; their revisions aside. */
export function isSame(a: Assignments, b: Assignments): boolean {
  if (a.epoch !== b.epoch || a.instances.length !== b.instances.length) return false;
  const sameInstances = a.instances.every((one, index) => {
    const other = b.instances[index];
    return one.name === other?.name && one.service === other.service && one.wanted === other.wanted && one.hooksDone?.join() === other.hooksDone?.join();
  });
  return sameInstances && Object.entries(a.services).every(([name, spec]) => isSameSpec(spec, b.services[name]));
}

/** Records are frozen and shared, so that the same object is the usual case. */
const isSameSpec = (a: ServiceSpec, b: ServiceSpec | undefined): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
