import { type BalancerSpec, DEFAULT_EXTERNAL_PORT, type RouteSpec } from './balancing.js';

/** Something of a balancer that a route is to have: a host and path, or a port. */
export interface Claim {
  /** `shop.example.com/api`, `*` with a path after it, `port 5432`, `port 8443 db.example.com`. */
  readonly what: string;
  /** Those who claim the same and share it in the same way may all have it; absent: one alone. */
  readonly share?: string;
  /** Who loses it loses this host alone; absent: the whole route. */
  readonly host?: string;
}

/** Whether several may have what they all claim. */
export const mayShare = (one: Claim, other: Claim): boolean => one.share !== undefined && one.share === other.share;

/** What a route asks of each balancer that serves it. */
export function claimsOf(route: RouteSpec): readonly Claim[] {
  const share = route.weight === undefined ? {} : { share: 'by weight' };
  if (route.mode === 'http') {
    const paths = route.paths.length === 0 ? ['/'] : route.paths;
    return hostsOf(route).flatMap(({ name, ...lost }) => paths.map((path) => ({ what: `${name}${path}`, ...share, ...lost })));
  }
  const port = `port ${route.externalPort ?? DEFAULT_EXTERNAL_PORT}`;
  if (route.tls === undefined) return [{ what: port, ...share }];
  return [{ what: port, share: `TLS, ${route.tls}` }, ...hostsOf(route).map(({ name, ...lost }) => ({ what: `${port} ${name}`, ...share, ...lost }))];
}

/** The ports that a balancer needs for itself. */
export const ownClaims = ({ httpPort, httpsPort, stats }: BalancerSpec): readonly Claim[] => [httpPort, httpsPort, stats.port].map((port) => ({ what: `port ${port}` }));

const hostsOf = ({ hosts }: RouteSpec): readonly { readonly name: string; readonly host?: string }[] =>
  hosts.length === 0 ? [{ name: '*' }] : hosts.map((host) => ({ name: host, host }));
