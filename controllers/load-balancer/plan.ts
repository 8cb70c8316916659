import { type Change, defaultRoute, drop, type Entry, isSame, parseServiceRevision, type Plan, put, type RouteBody, routeName, type ServiceSpec } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { certified } from './certified.js';
import { type Claimant, settle } from './settle.js';

/** Decides what one balancer serves: the services that link to it, each as it says itself. */
export function plan(balancer: string, view: View): Plan<Change> {
  const routes = wantedRoutes(balancer, view);
  const before = view.list('Route', `${balancer}:`);
  return {
    steps: [
      ...before.filter(({ name }) => !routes.has(name)).map(({ name, body }) => drop('Route', name, whyDropped(body, view))),
      ...[...routes].flatMap(([name, body]) => written(name, view.get('Route', name)?.body, body)),
    ],
  };
}

function wantedRoutes(balancer: string, view: View): ReadonlyMap<string, RouteBody> {
  const spec = currentSpec(balancer, view)?.balancer;
  if (spec === undefined) return new Map();
  return new Map([...settle(claimantsOf(balancer, view), spec)].map(([service, settled]) => [routeName(balancer, service), { balancer, service, ...certified(settled, spec, view) }]));
}

function claimantsOf(balancer: string, view: View): readonly Claimant[] {
  return view.list('Service').flatMap((entry): readonly Claimant[] => {
    const id = parseServiceRevision(entry.name);
    if (id === undefined || !entry.body.isCurrent || !linksTo(entry, balancer)) return [];
    const before = view.get('Route', routeName(balancer, id.service))?.body;
    return [{ ...id, route: entry.body.spec.route ?? defaultRoute(entry.body.spec), served: before?.isServed === true ? before.spec : undefined }];
  });
}

const linksTo = ({ body }: Entry<'Service'>, balancer: string): boolean => body.spec.links.some(({ service }) => service === balancer);

const currentSpec = (service: string, view: View): ServiceSpec | undefined => view.list('Service', `${service}@`).find(({ body }) => body.isCurrent)?.body.spec;

function written(name: string, before: RouteBody | undefined, after: RouteBody): readonly Change[] {
  return before !== undefined && isSame(before, after) ? [] : [put('Route', name, after, whyWritten(before, after))];
}

function whyWritten(before: RouteBody | undefined, after: RouteBody): string {
  if (after.reason !== undefined && after.reason !== before?.reason) return after.reason;
  if (before === undefined) return `${after.service} links to ${after.balancer}`;
  if (!isSame(before.spec.certificates, after.spec.certificates)) return `its certificates changed: ${after.spec.certificates?.map(({ name }) => name).join(', ') ?? 'none'}`;
  return before.isServed || !after.isServed ? 'the way it is served changed' : 'nobody else has what it claims any more';
}

function whyDropped({ balancer, service }: RouteBody, view: View): string {
  if (currentSpec(balancer, view)?.balancer === undefined) return `${balancer} is no balancer any more`;
  return currentSpec(service, view) === undefined ? `${service} is no more` : `${service} no longer links to ${balancer}`;
}
