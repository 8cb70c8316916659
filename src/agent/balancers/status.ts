import type { AssignedBalancer, BalancingBody, Endpoint, RouteStatus, ServerStatus } from '../../model/index.js';
import type { ProxyView, SeenServer } from '../../ports/index.js';
import type { Traffic } from './traffic.js';

export interface Known {
  readonly view: ProxyView | undefined;
  /** It was loaded anew a short while ago: the process of before may still have something open with anyone. */
  readonly isFresh: boolean;
  readonly traffic: Traffic;
  readonly refused: Readonly<Record<string, string>>;
  readonly faults: readonly string[];
  readonly tookMs: Readonly<Record<string, number>>;
  readonly endpointsOf: (service: string) => readonly Endpoint[];
}

/** What is said of one balancer. */
export function statusOf({ routes }: AssignedBalancer, known: Known): Omit<BalancingBody, 'node'> {
  const { view, faults } = known;
  return {
    routes: Object.fromEntries(Object.entries(routes).map(([name, { service }]) => [name, routeStatus(name, service, known)])),
    reloads: view?.reloads ?? 0,
    ...(faults.length === 0 ? {} : { reason: faults.join('; ') }),
  };
}

function routeStatus(name: string, service: string, { view, isFresh, traffic, refused, tookMs, endpointsOf }: Known): RouteStatus {
  const servers = view?.backends[service]?.servers;
  return {
    servers: Object.fromEntries(endpointsOf(service).flatMap((endpoint) => {
      const status = serverStatus(endpoint, servers?.[endpoint.instance], isFresh);
      return status === undefined ? [] : [[endpoint.instance, status]];
    })),
    ...traffic.of(service),
    ...(refused[name] === undefined ? {} : { refused: refused[name] }),
    ...(tookMs[name] === undefined ? {} : { tookMs: tookMs[name] }),
  };
}

/** Undefined for one that is to be sent to and is not known to the program yet: nothing is to be said of it. */
function serverStatus({ serves, whyNot }: Endpoint, seen: SeenServer | undefined, isFresh: boolean): ServerStatus | undefined {
  if (!serves) return { isUp: false, isDrained: !isFresh && (seen === undefined || (seen.isWithdrawn && seen.open === 0)), ...(whyNot === undefined ? {} : { reason: whyNot }) };
  if (seen === undefined) return undefined;
  return seen.isUp ? { isUp: true, isDrained: false } : { isUp: false, isDrained: false, reason: seen.reason ?? 'the balancer has taken it out' };
}
