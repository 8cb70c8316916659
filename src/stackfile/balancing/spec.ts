import { type BalancerSpec, type CookieSpec, DEFAULT_BALANCER, DEFAULT_DIRECTORY, DEFAULT_EXTERNAL_PORT, DEFAULT_ROUTE, DIRECTORIES, isBalancerName, type RouteSpec, type Told } from '../../model/index.js';
import type { Balancer, LoadBalancer, Service } from '../gen/stack-file.js';
import { optional } from '../service/optional.js';
import { assignmentList, assignmentOf, secondsOf } from '../service/units.js';
import { balancerVariables, routeVariables } from './variables.js';

/** Whether a service balances others. */
export const isBalancer = ({ image = '', role, environment = [] }: Service): boolean =>
  role === 'load-balancer' || isBalancerName(image) || assignmentList(environment).includes('KONTENA_SERVICE_ROLE=lb');

/** What is to be known of a service's place before or behind a balancer; nothing where it says nothing of it. */
export function balancingSpec(service: Service): { readonly route?: RouteSpec; readonly balancer?: BalancerSpec } {
  const keys = routeKeys(service);
  return { ...(keys === undefined ? {} : { route: routeSpec(keys) }), ...(isBalancer(service) ? { balancer: balancerSpec(service, balancerKeys(service)) } : {}) };
}

/** How a service is served, in the keys of a stack file, whichever way it says so; undefined when it does not. */
export function routeKeys(service: Service): Balancer | undefined {
  if (service.balancer === undefined && isBalancer(service)) return undefined;
  const { keys } = routeVariables(service);
  if (service.balancer === undefined && Object.keys(keys).length === 0) return undefined;
  const check = checkOf(service);
  return { port: DEFAULT_ROUTE.port, ...(check === undefined ? {} : { check }), ...keys, ...service.balancer };
}

export const balancerKeys = (service: Service): LoadBalancer => ({ ...balancerVariables(service).keys, ...service.load_balancer });

/** Balancers ask what the nodes ask, unless told otherwise. */
function checkOf({ health_check: check }: Service): Balancer['check'] {
  if (check?.port === undefined || check.protocol === 'command') return undefined;
  return { port: check.port, ...(check.protocol === 'http' ? { uri: check.uri ?? '/' } : {}) };
}

const routeSpec = (keys: Balancer): RouteSpec => ({
  ...DEFAULT_ROUTE,
  port: keys.port,
  ...(keys.mode === 'tcp' ? tcpClaims(keys) : httpClaims(keys)),
  ...toInstances(keys),
  timeouts: seconds(keys.timeouts),
  drainSeconds: secondsOr(keys.drain_time, DEFAULT_ROUTE.drainSeconds),
  customSettings: linesOf(keys.custom_settings),
  ...toClients(keys),
});

const hostsOf = ({ host }: Balancer): readonly string[] => listOf(host).map((one) => one.toLowerCase());

const tcpClaims = (keys: Balancer): Partial<RouteSpec> => ({
  mode: 'tcp', externalPort: keys.external_port ?? DEFAULT_EXTERNAL_PORT, hosts: hostsOf(keys), paths: [], ...optional({ tls: keys.tls, weight: keys.weight }),
});

function httpClaims(keys: Balancer): Partial<RouteSpec> {
  const hosts = hostsOf(keys);
  return { hosts, paths: keys.path === undefined && hosts.length === 0 ? DEFAULT_ROUTE.paths : listOf(keys.path), ...optional({ weight: keys.weight, tls: keys.tls }) };
}

const toInstances = (keys: Balancer): Partial<RouteSpec> =>
  optional({ keepsPath: keys.keep_path, balance: keys.balance, check: checkSpec(keys), protocol: keys.protocol, sendsProxy: keys.send_proxy, cookie: cookieSpec(keys.cookie) });

const toClients = (keys: Balancer): Partial<RouteSpec> =>
  optional({
    redirectsToHttps: keys.redirect_to_https, errorPages: keys.error_pages,
    basicAuth: basicAuth(keys.basic_auth), hsts: hsts(keys.hsts), limits: limits(keys.limits), maintenance: maintenance(keys.maintenance), compression: compression(keys.compression),
  });

function balancerSpec(service: Service, keys: LoadBalancer): BalancerSpec {
  const { stats = {}, error_pages: errorPages = {} } = keys;
  return {
    httpPort: keys.http_port ?? DEFAULT_BALANCER.httpPort,
    httpsPort: keys.https_port ?? DEFAULT_BALANCER.httpsPort,
    certificates: certificatesOf(service),
    stats: { port: stats.port ?? DEFAULT_BALANCER.stats.port, user: stats.user ?? DEFAULT_BALANCER.stats.user, ...optional({ password: stats.password === undefined ? toldAs(service, 'STATS_PASSWORD') : secret(stats.password) }) },
    acceptsProxy: keys.accept_proxy ?? false,
    http2: keys.http2 ?? true,
    logFormat: keys.log ?? 'http',
    timeouts: seconds(keys.timeouts),
    errorPages,
    drainSeconds: secondsOr(keys.drain_time, DEFAULT_BALANCER.drainSeconds),
    customSettings: linesOf(keys.custom_settings),
    globalSettings: linesOf(keys.global_settings),
    ...optional({ authority: authority(keys.acme), healthUri: keys.health_uri, ciphers: keys.ciphers, syslogTarget: keys.syslog }),
  };
}

/** What only a balancer reads of its environment: it is in `balancer`, so that a change of it replaces no container. */
const OF_BALANCER = /^(SSL_CERTS|SSL_CERT_.*|STATS_PASSWORD|KONTENA_LB_.*|SYSLOG_TARGET|ACME_CHALLENGE_.*)$/;

/** The environment of a balancer without what was taken out of it. */
export const restOf = <T extends { readonly env: readonly string[]; readonly secrets: readonly { readonly name: string }[]; readonly certificates: readonly unknown[] }>(spec: T): T => ({
  ...spec,
  env: spec.env.filter((one) => !OF_BALANCER.test(assignmentOf(one)[0])),
  secrets: spec.secrets.filter(({ name }) => !OF_BALANCER.test(name)),
  certificates: [],
});

/** Those under `certificates` first, then secrets, then what stands in the environment. */
const certificatesOf = ({ certificates = [], secrets = [], environment = [] }: Service): readonly Told[] => [
  ...certificates.map((one): Told => ({ kind: 'Certificate', name: typeof one === 'string' ? one : one.subject })),
  ...secrets.filter(({ name }) => isCertificate(name)).map((one) => secret(one.secret)),
  ...assignmentList(environment).map(assignmentOf).filter(([name, text]) => isCertificate(name) && text !== '').map(([, text]) => ({ text })),
];

const authority = (said: LoadBalancer['acme']): BalancerSpec['authority'] =>
  said === undefined ? undefined : { directory: said.directory === undefined ? DEFAULT_DIRECTORY : (DIRECTORIES[said.directory] ?? said.directory), ...optional({ email: said.email }) };

const isCertificate = (name: string): boolean => /^SSL_CERT(S$|_)/.test(name);

/** A value that the environment holds under a name, be it from the vault. */
function toldAs({ secrets = [], environment = [] }: Service, wanted: string): Told | undefined {
  const kept = secrets.find(({ name }) => name === wanted);
  if (kept !== undefined) return secret(kept.secret);
  const text = assignmentList(environment).map(assignmentOf).find(([name]) => name === wanted)?.[1];
  return text === undefined ? undefined : { text };
}

const secret = (name: string): Told => ({ kind: 'Secret', name });

function checkSpec({ check = {}, port }: Balancer): RouteSpec['check'] {
  return optional({ uri: check.uri, port: check.port === port ? undefined : check.port, intervalSeconds: check.interval === undefined ? undefined : secondsOf(check.interval) });
}

const OWN_COOKIE: CookieSpec = { name: 'KONTENA_SERVERID', mode: 'insert', options: ['indirect', 'nocache'] };

function cookieSpec(cookie: Balancer['cookie']): CookieSpec | undefined {
  if (cookie === undefined || cookie === false) return undefined;
  if (cookie === true) return OWN_COOKIE;
  return typeof cookie === 'string' ? { ...OWN_COOKIE, name: cookie } : { ...OWN_COOKIE, ...cookie };
}

const basicAuth = (who: Balancer['basic_auth']): Told | undefined => (who === undefined ? undefined : typeof who === 'string' ? secret(who) : { text: who.users });

const YEAR_SECONDS = 365 * 86_400;

function hsts(said: Balancer['hsts']): RouteSpec['hsts'] {
  if (said === undefined || said === false) return undefined;
  const { max_age: age, include_subdomains: subdomains = false, preload = false } = said === true ? {} : said;
  return { maxAgeSeconds: secondsOr(age, YEAR_SECONDS), includesSubdomains: subdomains, preload };
}

const limits = (said: Balancer['limits']): RouteSpec['limits'] =>
  said === undefined ? undefined : optional({ requestsPerSecond: said.requests_per_second, connections: said.connections });

const maintenance = (said: Balancer['maintenance']): RouteSpec['maintenance'] =>
  said === undefined || said === false ? undefined : { page: said === true ? '<h1>Back soon</h1>\n<p>This is being worked on.</p>' : said };

/** What becomes smaller by it. */
const TEXTS: readonly string[] = ['text/html', 'text/plain', 'text/css', 'text/javascript', 'application/javascript', 'application/json', 'application/xml', 'image/svg+xml'];

const compression = (said: Balancer['compression']): readonly string[] | undefined => (said === undefined || said === false ? undefined : said === true ? TEXTS : said);

type Durations<K extends string> = { readonly [P in K]?: string | number };

/** Durations by their names in `BalancerSpec`, in seconds. */
function seconds<K extends string>(said: Durations<K> = {}): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries<string | number | undefined>(said).flatMap(([name, value]) => (value === undefined ? [] : [[name === 'keep_alive' ? 'keepAlive' : name, secondsOr(value, 0)]])));
}

const secondsOr = (value: string | number | undefined, otherwise: number): number => (value === undefined ? otherwise : (secondsOf(value) ?? otherwise));

const listOf = (said: string | readonly string[] | undefined): readonly string[] => (said === undefined ? [] : typeof said === 'string' ? [said] : said);

const linesOf = (said: string | readonly string[] | undefined): readonly string[] =>
  listOf(said).flatMap((text) => text.split('\n')).map((line) => line.trim()).filter((line) => line !== '');
