import type { Service } from '../gen/stack-file.js';
import { assignmentList, assignmentOf, bytesOf, linkOf, portsOf, secondsOf } from './units.js';
import { wordsOf } from './words.js';

/** A service in the request of the original: every name, and what is always sent, as its master expects. Ports are text, but numbers where they are inherited. */
export function apiService(name: string, service: Service, hasOwnPorts: boolean): Readonly<Record<string, unknown>> {
  return {
    ...basics(service, hasOwnPorts),
    ...given({ ...program(service), ...resources(service), ...process(service), strategy: service.deploy?.strategy }),
    deploy_opts: deployOptions(service),
    hooks: service.hooks ?? {},
    ...given({ secrets: service.secrets, certificates: service.certificates, stop_signal: service.stop_signal, stop_grace_period: service.stop_grace_period }),
    health_check: healthCheck(service),
    read_only: service.read_only ?? false,
    log_driver: service.logging?.driver ?? null,
    log_opts: service.logging?.options ?? null,
    name,
  };
}

/** What is always sent, even when a file does not say it. */
function basics(service: Service, hasOwnPorts: boolean): Readonly<Record<string, unknown>> {
  const { environment, ports = [], volumes = [], volumes_from = [], affinity = [] } = service;
  return {
    instances: service.instances ?? null,
    image: withTag(service.image),
    env: environment === undefined ? null : assignmentList(environment),
    links: links(service),
    external_links: (service.external_links ?? []).map(apiLink),
    ports: ports.flatMap((port) => apiPorts(port, hasOwnPorts ? String : Number)),
    volumes,
    volumes_from,
    affinity,
    stateful: service.stateful ?? false,
  };
}

const program = ({ build, command }: Service): Readonly<Record<string, unknown>> => ({
  build: build === undefined ? undefined : apiBuild(build),
  cmd: command === undefined ? undefined : wordsOf(command),
});

const given = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** An image without a tag means the latest. */
export const withTag = (image = ''): string => (image.includes(':') || image === '' ? image : `${image}:latest`);

function apiLink(link: string | { readonly name: string; readonly alias?: string }): Readonly<Record<string, string>> {
  const { name, alias } = linkOf(link);
  return { name, alias: alias ?? name };
}

function links({ links, depends_on }: Service): readonly Readonly<Record<string, string>>[] {
  const all = [...(links ?? []), ...(depends_on ?? [])].map(apiLink);
  return all.filter(({ name, alias }, index) => all.findIndex((other) => other.name === name && other.alias === alias) === index);
}

const apiPorts = (text: string, written: (port: number) => string | number): readonly Readonly<Record<string, unknown>>[] =>
  (portsOf(text) ?? []).map(({ ip, containerPort, nodePort, protocol }) => ({ ip, container_port: written(containerPort), node_port: written(nodePort), protocol }));

function apiBuild(build: NonNullable<Service['build']>): Readonly<Record<string, unknown>> {
  if (typeof build === 'string') return { context: build };
  const { context, dockerfile, args } = build;
  return { context, ...given({ dockerfile, args: args === undefined ? undefined : argumentMap(args) }) };
}

type Arguments = Exclude<NonNullable<Service['build']>, string>['args'];

function argumentMap(args: NonNullable<Arguments>): Readonly<Record<string, unknown>> {
  return Array.isArray(args) ? Object.fromEntries(args.map(assignmentOf)) : args;
}

const bytes = (size: string | number | undefined): number | undefined => (size === undefined ? undefined : bytesOf(size));

const resources = (service: Service): Readonly<Record<string, unknown>> => ({
  cpus: service.cpus,
  cpu_shares: service.cpu_shares,
  memory: bytes(service.mem_limit),
  memory_swap: bytes(service.memswap_limit),
  memory_reservation: bytes(service.mem_reservation ?? service.deploy?.resources?.reservations?.memory),
  shm_size: bytes(service.shm_size),
  runtime: service.runtime,
  gpus: service.gpus,
  ulimits: service.ulimits,
});

const process = (service: Service): Readonly<Record<string, unknown>> => ({
  user: service.user,
  entrypoint: service.entrypoint,
  cap_add: service.cap_add,
  cap_drop: service.cap_drop,
  net: service.network_mode,
  pid: service.pid,
  privileged: service.privileged,
  devices: service.devices,
  sysctls: service.sysctls,
  tmpfs: service.tmpfs,
  extra_hosts: service.extra_hosts,
  dns: service.dns,
  working_dir: service.working_dir,
  hostname: service.hostname,
  init: service.init,
  labels: service.labels,
  security_opt: service.security_opt,
  group_add: service.group_add,
});

function deployOptions({ deploy }: Service): Readonly<Record<string, unknown>> {
  const { interval, wait_for_port, wait_for_port_timeout: portTimeout, min_health, grace, order, on_failure, settle } = deploy ?? {};
  return {
    wait_for_port: wait_for_port ?? null,
    min_health: min_health ?? null,
    interval: interval === undefined ? null : secondsOf(interval),
    ...given({ wait_for_port_timeout: portTimeout === undefined ? undefined : secondsOf(portTimeout), grace: grace === undefined ? undefined : secondsOf(grace), order, on_failure, settle: settle === undefined ? undefined : secondsOf(settle) }),
  };
}

function healthCheck({ health_check }: Service): Readonly<Record<string, unknown>> {
  const { port, protocol, uri, timeout, interval, initial_delay, command, retries, successes, restart } = health_check ?? {};
  return {
    port: port ?? null, protocol: protocol ?? null, uri: uri ?? null, timeout: timeout ?? null, interval: interval ?? null, initial_delay: initial_delay ?? null,
    ...given({ command, retries, successes, restart }),
  };
}
