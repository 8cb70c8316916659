import { type AssignedBalancer, type Assignment, balancingUses, type Change, type ContainersSection, drop, type Entry, parseInstance, parseServiceRevision, put, serviceRevisionName, type VaultRef } from '../../model/index.js';
import type { View } from '../../ports/index.js';
import type { BalancersSaid } from './messages.js';

/** Of the services that a node runs, by name of revision, the balancers with all that they serve, by service. */
export function balancersAmong({ services, instances }: Pick<ContainersSection, 'services' | 'instances'>, view: View): Readonly<Record<string, AssignedBalancer>> {
  const balancers: Record<string, AssignedBalancer> = {};
  for (const [name, { balancer }] of Object.entries(services)) {
    const id = parseServiceRevision(name);
    if (id !== undefined && balancer !== undefined) balancers[id.service] ??= { spec: balancer, instances: running(instances, id.service), routes: routesOf(view, id.service) };
  }
  return balancers;
}

const running = (instances: readonly Assignment[], service: string): readonly string[] =>
  instances.filter(({ name, wanted }) => wanted === 'running' && parseInstance(name)?.service === service).map(({ name }) => name);
/** Nodes with instances of balancers. */
export const nodesWithBalancers = (view: View): ReadonlySet<string> =>
  new Set(view.list('Instance').filter(({ body }) => view.get('Service', serviceRevisionName(body.service, body.revision))?.body.spec.balancer !== undefined).map(({ body }) => body.node));

const routesOf = (view: View, balancer: string): AssignedBalancer['routes'] =>
  Object.fromEntries(served(view.list('Route', `${balancer}:`)).map(({ name, body: { service, spec } }) => [name, { service, spec }]));

/** What these balancers open, and their routes. */
export const openedBy = (balancers: Readonly<Record<string, AssignedBalancer>>): readonly VaultRef[] =>
  Object.values(balancers).flatMap(({ spec, routes }) => [
    ...balancingUses({ balancer: spec }),
    ...Object.values(routes).flatMap(({ spec: route }) => balancingUses({ route })),
  ]);

/**
 * How long what is open with an instance has to end before it is stopped: not at all once all balancers that serve it have done
 * with it. Undefined for what none serves.
 */
export function drainSecondsIn(view: View): (instance: Entry<'Instance'>) => number | undefined {
  const routes = new Map<string, Entry<'Route'>[]>();
  for (const route of served(view.list('Route'))) routes.set(route.body.service, [...(routes.get(route.body.service) ?? []), route]);
  return ({ name, body: { service, wanted } }) => {
    const ofService = routes.get(service);
    if (ofService === undefined) return undefined;
    if (wanted === 'stopped' && ofService.every((route) => hasLeft(view, name, route))) return 0;
    return Math.max(...ofService.map(({ body }) => body.spec.drainSeconds));
  };
}

/** Whether each instance of a balancer says that it has done with an instance. */
const hasLeft = (view: View, instance: string, { name, body }: Entry<'Route'>): boolean =>
  view.instancesOf(body.balancer).every((balancer) => view.get('Balancing', balancer.name)?.body.routes[name]?.servers[instance]?.isDrained === true);

/** The services of which something is to stop and that a balancer has just spoken of. */
export const leavingBehind = (view: View, balancer: string): readonly string[] => {
  const services = view.list('Route', `${parseInstance(balancer)?.service ?? ''}:`).map(({ body }) => body.service);
  return services.filter((service) => view.instancesOf(service).some(({ body }) => body.wanted === 'stopped'));
};

/** What a node says of its balancers, as it is recorded: of its own alone, and of those that it no longer names nothing. */
export function balancingSaid(view: View, node: string, said: BalancersSaid): readonly Change[] {
  const own = Object.entries(said).filter(([name]) => view.get('Instance', name)?.body.node === node);
  const stale = view.list('Balancing').filter(({ name, body }) => body.node === node && !Object.hasOwn(said, name));
  return [
    ...own.map(([name, body]) => put('Balancing', name, { ...body, node }, 'said by the agent')),
    ...stale.map(({ name }) => drop('Balancing', name, 'no longer said by the agent')),
  ];
}

const served = (routes: readonly Entry<'Route'>[]): readonly Entry<'Route'>[] => routes.filter(({ body }) => body.isServed);
