import { type AssignedBalancer, type BalancersSection, type Endpoint, isInVault, itemInWords, type RouteSpec, type Told, type VaultRef, versionName } from '../../model/index.js';
import type { Served, ServedCertificate, ServedRoute, ServedServer } from '../../ports/index.js';

/** What a balancer is to serve as far as that can be, and why the rest cannot. */
export interface Wanted {
  readonly served: Served;
  /** Why a route is not served, by its name. */
  readonly refused: Readonly<Record<string, string>>;
  /** What is wrong with the balancer itself. */
  readonly faults: readonly string[];
}

export interface Sources {
  readonly section: Pick<BalancersSection, 'secrets' | 'challenges'>;
  /** Of its page of statistics, where it is told none. */
  readonly drawnPassword: string;
  readonly endpointsOf: (service: string) => readonly Endpoint[];
}

/** Everything one balancer is to serve, put together from what is assigned and where instances are reached. */
export function wantedOf(balancer: string, { spec, routes }: AssignedBalancer, sources: Sources): Wanted {
  const { section: { secrets, challenges }, drawnPassword } = sources;
  const refused: Record<string, string> = {};
  const faults: string[] = [];
  const certificates = certificatesOf(spec, routes).flatMap((told): readonly ServedCertificate[] => {
    const pem = valueOf(told, secrets);
    if (pem === undefined) faults.push(notGiven(told));
    return pem === undefined ? [] : [{ name: nameOf(told, pem), pem }];
  });
  const statsPassword = spec.stats.password === undefined ? drawnPassword : valueOf(spec.stats.password, secrets);
  if (statsPassword === undefined && spec.stats.password !== undefined) faults.push(notGiven(spec.stats.password));
  const served = Object.entries(routes).sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([name, { service, spec: route }]): readonly ServedRoute[] => {
    const users = route.basicAuth === undefined ? undefined : valueOf(route.basicAuth, secrets);
    if (route.basicAuth !== undefined && users === undefined) {
      refused[name] = notGiven(route.basicAuth); // rather nobody than everybody
      return [];
    }
    const servers = sources.endpointsOf(service).filter(({ serves }) => serves).map((endpoint) => serverOf(endpoint, route));
    return [{ name, service, spec: route, servers, ...(users === undefined ? {} : { users }) }];
  });
  return { served: { balancer, spec, statsPassword: statsPassword ?? drawnPassword, certificates, routes: served, challenges }, refused, faults };
}

/** Those of the balancer first, then those that routes have of their own. */
function certificatesOf(spec: AssignedBalancer['spec'], routes: AssignedBalancer['routes']): readonly Told[] {
  const all: readonly Told[] = [...spec.certificates, ...Object.keys(routes).sort().flatMap((name) => routes[name]?.spec.certificates ?? [])];
  return [...new Map(all.map((told) => [nameOf(told, 'text' in told ? told.text : ''), told])).values()];
}

const serverOf = ({ instance, address, routePort }: Endpoint, { port }: RouteSpec): ServedServer => ({ instance, address, port: routePort ?? port });

function valueOf(told: Told, secrets: Readonly<Record<string, string>>): string | undefined {
  if (!isInVault(told)) return told.text;
  return told.version === undefined ? undefined : secrets[versionName(told, told.version)];
}

/** The next version of what lies in the vault takes the place of this one. */
const nameOf = (told: Told, text: string): string => (isInVault(told) ? itemInWords(told) : text);

const notGiven = (told: Told): string => `the vault does not give ${itemInWords(told as VaultRef)}`;
