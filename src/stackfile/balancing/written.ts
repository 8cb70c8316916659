import { type BalancerSpec, DEFAULT_BALANCER, DEFAULT_DIRECTORY, DEFAULT_ROUTE, isSame, type RouteSpec, type Told } from '../../model/index.js';
import type { Balancer, LoadBalancer } from '../gen/stack-file.js';

/** How a service is served, in the keys of a stack file, without what is so by default. */
export function writtenRoute(spec: RouteSpec): Balancer {
  const differs = <Field extends keyof RouteSpec>(field: Field): RouteSpec[Field] | undefined => (isSame(spec[field], DEFAULT_ROUTE[field]) ? undefined : spec[field]);
  const { hsts, limits, basicAuth, cookie } = spec;
  return {
    port: spec.port,
    ...said({
      mode: differs('mode'), external_port: spec.externalPort, host: some(spec.hosts), path: some(spec.hosts.length === 0 ? differs('paths') : spec.paths), keep_path: differs('keepsPath'), weight: spec.weight,
      balance: differs('balance'), cookie: cookie && { ...cookie, options: [...cookie.options] }, basic_auth: basicAuth && toldUsers(basicAuth),
      check: filled(said({ uri: spec.check.uri, port: spec.check.port, interval: duration(spec.check.intervalSeconds) })),
      protocol: differs('protocol'), send_proxy: spec.sendsProxy, tls: spec.tls, redirect_to_https: differs('redirectsToHttps'),
      hsts: hsts && { max_age: duration(hsts.maxAgeSeconds), include_subdomains: hsts.includesSubdomains, preload: hsts.preload },
      timeouts: filled(durations(spec.timeouts)), limits: limits && said({ requests_per_second: limits.requestsPerSecond, connections: limits.connections }),
      maintenance: spec.maintenance?.page, error_pages: filled(spec.errorPages), compression: spec.compression && [...spec.compression],
      drain_time: duration(differs('drainSeconds')), custom_settings: some(spec.customSettings),
    }),
  } as Balancer;
}

/** What a balancer is, in the same way; its certificates and its password stand elsewhere in the file. */
export function writtenBalancer(spec: BalancerSpec): LoadBalancer {
  const differs = <Field extends keyof BalancerSpec>(field: Field): BalancerSpec[Field] | undefined => (isSame(spec[field], DEFAULT_BALANCER[field]) ? undefined : spec[field]);
  const { stats } = spec;
  return said({
    http_port: differs('httpPort'), https_port: differs('httpsPort'),
    stats: filled(said({ port: stats.port === DEFAULT_BALANCER.stats.port ? undefined : stats.port, user: stats.user === DEFAULT_BALANCER.stats.user ? undefined : stats.user, password: stats.password !== undefined && 'name' in stats.password ? stats.password.name : undefined })),
    accept_proxy: differs('acceptsProxy'), http2: differs('http2'), log: differs('logFormat'), timeouts: filled(durations(spec.timeouts)), error_pages: filled(spec.errorPages),
    drain_time: duration(differs('drainSeconds')), custom_settings: some(spec.customSettings), global_settings: some(spec.globalSettings),
    acme: spec.authority && said({ directory: spec.authority.directory === DEFAULT_DIRECTORY ? undefined : spec.authority.directory, email: spec.authority.email }),
    health_uri: spec.healthUri, ciphers: spec.ciphers, syslog: spec.syslogTarget,
  }) as LoadBalancer;
}

const said = <T extends object>(values: T): T => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;

const some = (items: readonly string[] | undefined): readonly string[] | undefined => (items === undefined || items.length === 0 ? undefined : items);

const filled = <T extends object>(values: T): T | undefined => (Object.keys(values).length === 0 ? undefined : values);

const duration = (seconds: number | undefined): string | undefined => (seconds === undefined ? undefined : `${String(seconds)}s`);

const durations = (seconds: object): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(Object.entries(seconds).map(([name, value]: [string, number]) => [name === 'keepAlive' ? 'keep_alive' : name, duration(value)]));

const toldUsers = (told: Told): Balancer['basic_auth'] => ('name' in told ? told.name : { users: told.text });
