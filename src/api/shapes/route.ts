import { endpointOf, type Entry, isInVault, isMadeOutTo, isoTime, parseInstance, type RouteStatus } from '../../model/index.js';
import type { Resource, View } from '../../ports/index.js';
import { orderingOf } from './certificate.js';
import { currentRevision } from './current-revision.js';
import { seen } from './instance.js';
import { namesOf, resource, type Shape } from './resource.js';

/** What balancers serve. */
export const routes: Shape = {
  names: (view) => namesOf(view, 'Route'),

  describe: (view, name) => {
    const entry = view.get('Route', name);
    return entry === undefined ? undefined : describeRoute(entry, view);
  },

  watches: {
    Route: (name) => [name],
    Balancing: (instance, view) => routesOf(parseInstance(instance)?.service, view),
    Instance: (instance, view) => routesOf(parseInstance(instance)?.service, view),
    Report: (instance, view) => routesOf(parseInstance(instance)?.service, view),
    Pulse: (node, view) => routesOn(node, view),
    Health: (node, view) => routesOn(node, view),
    Lease: (node, view) => routesOn(node, view),
    Node: (node, view) => routesOn(node, view),
    Certificate: (name, view) => routesAsking(name, view),
    Renewal: (name, view) => routesAsking(name, view),
    Order: (name, view) => routesAsking(name, view),
  },
};

/** The routes of a service, as the one that is served or the one that serves. */
const routesOf = (service: string | undefined, view: View): readonly string[] =>
  view.list('Route').filter(({ body }) => body.balancer === service || body.service === service).map(({ name }) => name);

/** Those that ask an authority for this certificate. */
const routesAsking = (host: string, view: View): readonly string[] => view.list('Route').filter(({ body }) => body.asks?.hosts.includes(host) === true).map(({ name }) => name);

const routesOn = (node: string, view: View): readonly string[] =>
  [...new Set(view.instancesOn(node).map(({ body }) => body.service))].flatMap((service) => routesOf(service, view));

function describeRoute(entry: Entry<'Route'>, view: View): Resource {
  const { balancer, service, spec, isServed, reason } = entry.body;
  const said = balancersOf(balancer, view).flatMap(({ name }) => view.get('Balancing', name)?.body.routes[entry.name] ?? []);
  const behind = instancesBehind(service, said, view);
  const up = behind.filter(({ isUp }) => isUp).length;
  const faults = [
    ...(reason === undefined ? [] : [reason]),
    ...said.flatMap(({ refused }) => refused ?? []),
    ...lackedBy(entry, view),
    ...misfits(entry, view),
    ...(isServed ? troubles(entry, { up, behind, view }) : []),
  ];
  return resource('Route', view.grid, entry, {
    spec: { balancer, service, ...spec },
    status: {
      state: isServed && up > 0 && said.every(({ refused }) => refused === undefined) ? 'served' : 'unserved',
      endpoints: { up, total: behind.length },
      requestsPerSecond: sum(said, ({ requestsPerSecond }) => requestsPerSecond),
      errorsPerSecond: sum(said, ({ errorsPerSecond }) => errorsPerSecond),
      tookMs: slowest(said),
      certificates: entry.body.asks === undefined ? undefined : Object.fromEntries(entry.body.asks.hosts.map((host) => [host, certificateOf(host, view)])),
      instances: Object.fromEntries(behind.map(({ name, isUp, why }) => [name, isUp ? 'up' : (why ?? 'not up')])),
      reason: faults.length === 0 ? undefined : [...new Set(faults)].join('; '),
    },
  });
}

/** What an authority has issued for a host, or why nothing yet. */
function certificateOf(host: string, view: View): string {
  const kept = view.get('Certificate', host)?.body;
  return kept === undefined ? whyNone(host, view) : `until ${isoTime(kept.expiresAt)}`;
}

function whyNone(host: string, view: View): string {
  const { phase, reason, nextAt } = orderingOf(host, view);
  const next = typeof nextAt === 'string' ? `; tried again at ${nextAt}` : '';
  return `${host} has no certificate yet, its order is ${phase === 'failed' ? 'over' : 'under way'}${typeof reason === 'string' ? `: ${reason}` : ''}${next}`;
}

/** Why hosts cannot be asked for by https. */
const lackedBy = ({ body }: Entry<'Route'>, view: View): readonly string[] => (body.asks?.hosts ?? []).filter((host) => view.get('Certificate', host) === undefined).map((host) => whyNone(host, view));

/** Hosts to which people are sent by https, and for which the balancer shows a certificate of others; what it has from secrets is not looked into. */
function misfits({ body: { balancer, spec, asks } }: Entry<'Route'>, view: View): readonly string[] {
  const shown = currentRevision(balancer, view)?.entry.body.spec.balancer?.certificates ?? [];
  if (!spec.redirectsToHttps || shown.some((told) => !isInVault(told) || told.kind === 'Secret')) return [];
  const names = [...shown.flatMap((told) => (isInVault(told) ? [told.name] : [])), ...(asks?.hosts ?? [])].flatMap((name) => view.get('Certificate', name)?.body.names ?? []);
  return spec.hosts.filter((host) => !isMadeOutTo(names, host)).map((host) => `no certificate of ${balancer} is made out to ${host}`);
}

/** The instances of a balancer that are heard of now. */
const balancersOf = (balancer: string, view: View): readonly Entry<'Instance'>[] =>
  view.instancesOf(balancer).filter((entry) => entry.body.wanted === 'running' && seen(entry, view).isKnown && seen(entry, view).phase === 'running');

interface Behind {
  readonly name: string;
  /** All balancers that are heard of send to it. */
  readonly isUp: boolean;
  readonly why: string | undefined;
  /** It should be reached, as far as the master knows. */
  readonly serves: boolean;
}

/** The instances of a service, and what balancers make of them. */
function instancesBehind(service: string, said: readonly RouteStatus[], view: View): readonly Behind[] {
  return view.instancesOf(service).filter(({ body }) => body.wanted === 'running').map((entry): Behind => {
    const { name } = entry;
    const endpoint = endpointOf(view, name);
    const servers = said.flatMap(({ servers: all }) => all[name] ?? []);
    const down = servers.find(({ isUp }) => !isUp);
    const serves = endpoint?.serves === true;
    const isUp = serves && servers.length > 0 && servers.length === said.length && down === undefined;
    return { name, isUp, serves, why: isUp ? undefined : (whyNot(entry, view) ?? down?.reason ?? 'no balancer knows it yet') };
  });
}

function whyNot(entry: Entry<'Instance'>, view: View): string | undefined {
  const endpoint = endpointOf(view, entry.name);
  if (endpoint !== undefined) return endpoint.whyNot;
  const { phase, reason } = seen(entry, view);
  return reason ?? (phase === 'running' ? 'it has no address on the network of its grid' : `it is ${phase}`);
}

/** As many instances as are told of one by one. */
const EXAMPLES = 3;

/** Why a route that is to be served is served by nobody, or nobody is there to serve it. */
function troubles({ body: { balancer, service, spec } }: Entry<'Route'>, { up, behind, view }: { readonly up: number; readonly behind: readonly Behind[]; readonly view: View }): readonly string[] {
  const noBalancer = balancersOf(balancer, view).length === 0 ? [`no instance of ${balancer} runs`] : [];
  if (up > 0 || spec.maintenance !== undefined) return noBalancer;
  if (behind.length === 0) return [...noBalancer, `no healthy endpoint: ${service} has no instances`];
  if (noBalancer.length > 0) return noBalancer;
  const deaf = behind.find(({ serves, why }) => serves && why !== undefined && /refused/i.test(why));
  if (deaf !== undefined) return [`port ${endpointOf(view, deaf.name)?.routePort ?? spec.port} is not what ${service} listens on: ${deaf.name}: ${deaf.why ?? ''}`];
  const examples = behind.slice(0, EXAMPLES).map(({ name, why }) => `${name}: ${why ?? ''}`);
  return [`no healthy endpoint: ${examples.join('; ')}${behind.length > EXAMPLES ? `; and ${behind.length - EXAMPLES} more` : ''}`];
}

const sum = (said: readonly RouteStatus[], of: (status: RouteStatus) => number): number | undefined =>
  said.length === 0 ? undefined : Math.round(said.reduce((all, status) => all + of(status), 0) * 10) / 10;

/** How long the last change took until the last balancer served it. */
const slowest = (said: readonly RouteStatus[]): number | undefined => {
  const all = said.flatMap(({ tookMs }) => tookMs ?? []);
  return all.length === 0 ? undefined : Math.max(...all);
};
