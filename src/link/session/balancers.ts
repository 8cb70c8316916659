import { type AssignedBalancer, balancingUses, type Entry, parseServiceRevision, serviceRevisionName, type ServiceSpec, type VaultRef } from '../../model/index.js';
import type { View } from '../../ports/index.js';

/** Of the services that a node runs, by name of revision, the balancers with all that they serve, by service. */
export function balancersAmong(services: Readonly<Record<string, ServiceSpec>>, view: View): Readonly<Record<string, AssignedBalancer>> {
  const balancers: Record<string, AssignedBalancer> = {};
  for (const [name, { balancer }] of Object.entries(services)) {
    const id = parseServiceRevision(name);
    if (id !== undefined && balancer !== undefined) balancers[id.service] ??= { spec: balancer, routes: routesOf(view, id.service) };
  }
  return balancers;
}

/** Nodes with instances of balancers. */
export const nodesWithBalancers = (view: View): ReadonlySet<string> =>
  new Set(view.list('Instance').filter(({ body }) => view.get('Service', serviceRevisionName(body.service, body.revision))?.body.spec.balancer !== undefined).map(({ body }) => body.node));

const routesOf = (view: View, balancer: string): AssignedBalancer['routes'] =>
  Object.fromEntries(served(view.list('Route', `${balancer}:`)).map(({ name, body: { service, spec, ports } }) => [name, { service, spec, ports }]));

/** What these balancers open, and their routes. */
export const openedBy = (balancers: Readonly<Record<string, AssignedBalancer>>): readonly VaultRef[] =>
  Object.values(balancers).flatMap(({ spec, routes }) => [
    ...balancingUses({ balancer: spec }),
    ...Object.values(routes).flatMap(({ spec: route }) => balancingUses({ route })),
  ]);

/** How long what is open with an instance has to end when it is to stop, by service: of those that balancers serve. */
export function drainSecondsOf(view: View): ReadonlyMap<string, number> {
  const seconds = new Map<string, number>();
  for (const { body: { service, spec } } of served(view.list('Route'))) seconds.set(service, Math.max(seconds.get(service) ?? 0, spec.drainSeconds));
  return seconds;
}

const served = (routes: readonly Entry<'Route'>[]): readonly Entry<'Route'>[] => routes.filter(({ body }) => body.refused === undefined);
