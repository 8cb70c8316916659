import { serviceName, type DeploySpec, type HealthCheckSpec, type HookSpec, type ServiceSpec, type VolumeMount } from '../../model/index.js';
import type { Service } from '../gen/stack-file.js';
import { balancingSpec, restOf } from '../balancing/spec.js';
import { withTag } from './api.js';
import { optional } from './optional.js';
import { assignmentList, assignmentOf, bytesOf, linkOf, mountOf, portsOf, secondsOf, type Mount } from './units.js';
import { wordsOf } from './words.js';

/** What a service's names mean in its stack. */
export interface Surroundings {
  readonly stack: string;
  /** Volumes of the file, by name, with the name of the volume they stand for. */
  readonly volumes: ReadonlyMap<string, string>;
}

/** A service of a valid file as the master stores it: every default filled in, every unit made plain. */
export function serviceSpec(service: Service, around: Surroundings): ServiceSpec {
  const { instances = 1, stateful = false, affinity = [], secrets = [], certificates = [], logging } = service;
  const spec: ServiceSpec = {
    image: withTag(service.image),
    instances,
    stateful,
    ...program(service),
    ...network(service, around),
    ...storage(service, around),
    affinity,
    deploy: deploySpec(service.deploy),
    ...optional({ healthCheck: healthCheckSpec(service) }),
    hooks: { preStart: hooks(service.hooks?.pre_start), postStart: hooks(service.hooks?.post_start), preStop: hooks(service.hooks?.pre_stop) },
    secrets,
    certificates: certificates.filter((one) => typeof one !== 'string'),
    ...permissions(service),
    ...resources(service),
    ...optional({ logging: logging?.driver === undefined ? undefined : { driver: logging.driver, options: texts(logging.options) } }),
    ...stopping(service),
    ...balancingSpec(service),
  };
  return spec.balancer === undefined ? spec : restOf(spec);
}

const storage = ({ volumes = [], volumes_from = [], tmpfs }: Service, around: Surroundings): Pick<ServiceSpec, 'volumes' | 'volumesFrom' | 'tmpfs'> => ({
  volumes: volumes.flatMap((volume) => mount(mountOf(volume), around)),
  volumesFrom: volumes_from.map((name) => fullName(name, around.stack)),
  tmpfs: oneOrMore(tmpfs),
});

/** Seconds between the stop signal and the kill, when nothing is said: the engine's own. */
const STOP_GRACE_SECONDS = 10;

const stopping = ({ stop_signal, stop_timeout, stop_grace_period }: Service): Pick<ServiceSpec, 'stopGraceSeconds'> & { stopSignal?: string } => ({
  ...optional({ stopSignal: stop_signal === undefined ? undefined : String(stop_signal) }),
  stopGraceSeconds: secondsOr(stop_timeout ?? stop_grace_period, STOP_GRACE_SECONDS),
});

const oneOrMore = (given: string | readonly string[] | undefined): readonly string[] => (given === undefined ? [] : typeof given === 'string' ? [given] : given);
const texts = (given: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(given ?? {}).map(([name, value]) => [name, String(value as string | number | boolean)]));
const fullName = (name: string, stack: string): string => (name.includes('/') ? name : serviceName(stack, name));

function program(service: Service): Pick<ServiceSpec, 'env' | 'labels' | 'command' | 'entrypoint' | 'user' | 'workingDir' | 'hostname' | 'init'> {
  return {
    env: service.environment === undefined ? [] : assignmentList(service.environment),
    labels: Object.fromEntries(assignmentList(service.labels ?? []).map(assignmentOf)),
    ...optional({
      command: service.command === undefined ? undefined : wordsOf(service.command),
      entrypoint: service.entrypoint === undefined ? undefined : wordsOf(service.entrypoint),
      user: service.user, workingDir: service.working_dir, hostname: service.hostname, init: service.init,
    }),
  };
}

function network(service: Service, { stack }: Surroundings): Pick<ServiceSpec, 'ports' | 'links' | 'network' | 'extraHosts' | 'dns'> {
  const wanted = [...(service.links ?? []), ...(service.depends_on ?? [])].map((link) => {
    const { name, alias } = linkOf(link);
    return { service: fullName(name, stack), alias: alias ?? name.slice(name.lastIndexOf('/') + 1) };
  });
  const hosts = service.extra_hosts ?? [];
  return {
    ports: (service.ports ?? []).flatMap((port) => portsOf(port) ?? []),
    links: wanted.filter((link, index) => wanted.findIndex((other) => other.service === link.service && other.alias === link.alias) === index),
    network: networkOf(service.network_mode),
    extraHosts: Array.isArray(hosts) ? hosts.map(hostLine) : Object.entries(hosts).map(([name, address]) => `${name}:${address}`),
    dns: oneOrMore(service.dns),
  };
}

const networkOf = (mode = 'bridge'): ServiceSpec['network'] => (mode === 'bridge' || mode === 'host' ? mode : `container:${mode.slice(mode.indexOf(':') + 1)}`);

/** `NAME:ADDRESS` as every engine takes it: younger ones also take `NAME=ADDRESS`, and an address in brackets. */
const hostLine = (text: string): string => text.replace(/^([^:=]+)[:=]\[?([^\]]*)\]?$/, '$1:$2');

function mount(mount: Mount | undefined, { stack, volumes }: Surroundings): readonly VolumeMount[] {
  if (mount === undefined) return [];
  const { source, path, flags } = mount;
  if (source === undefined) return [{ type: 'anonymous', path, flags }];
  if (source.startsWith('/')) return [{ type: 'bind', source, path, flags }];
  return [{ type: 'volume', source: volumes.get(source) ?? `${stack}.${source}`, path, flags }];
}

/** What dies right after its start shall not take a second instance with it; Swarm watches as long. */
const SETTLE_SECONDS = 5;

function deploySpec(deploy: Service['deploy'] = {}): DeploySpec {
  const seconds = (value: string | number | undefined): number | undefined => (value === undefined ? undefined : secondsOf(value));
  const interval = seconds(deploy.interval);
  return {
    strategy: deploy.strategy ?? 'ha',
    minHealth: deploy.min_health ?? 0.8,
    ...optional({ waitForPort: deploy.wait_for_port, waitForPortSeconds: seconds(deploy.wait_for_port_timeout), intervalSeconds: interval === 0 ? undefined : interval, graceSeconds: seconds(deploy.grace) }),
    order: deploy.order ?? 'stop-first',
    onFailure: deploy.on_failure ?? 'pause',
    settleSeconds: seconds(deploy.settle) ?? SETTLE_SECONDS,
  };
}

/** Seconds and a number, where a health check leaves them open. */
const CHECK = { timeoutSeconds: 10, intervalSeconds: 60, initialDelaySeconds: 10, retries: 3 };

function healthCheckSpec({ health_check: check, healthcheck: composed }: Service): HealthCheckSpec | undefined {
  if (check !== undefined) {
    const { protocol, port, uri = '/', command, timeout, interval, initial_delay: initialDelay, retries, successes, restart } = check;
    if (protocol === 'engine' || protocol === 'none') return { protocol, ...optional({ restart }) };
    const how = optional({ port, uri: protocol === 'http' ? uri : undefined, command: command === undefined ? undefined : wordsOf(command) });
    return { protocol, ...how, ...checkTimes({ timeout, interval, initialDelay, retries }), ...optional({ successes, restart }) };
  }
  if (composed === undefined) return undefined;
  const { test, timeout, interval, start_period: initialDelay, retries } = composed;
  if (test[0] === 'NONE') return { protocol: 'none' };
  return { protocol: 'command', command: testCommand(test), ...checkTimes({ timeout, interval, initialDelay, retries }) };
}

interface CheckTimes {
  readonly timeout: string | number | undefined;
  readonly interval: string | number | undefined;
  readonly initialDelay: string | number | undefined;
  readonly retries: number | undefined;
}

const checkTimes = ({ timeout, interval, initialDelay, retries = CHECK.retries }: CheckTimes): typeof CHECK => ({
  timeoutSeconds: secondsOr(timeout, CHECK.timeoutSeconds),
  intervalSeconds: secondsOr(interval, CHECK.intervalSeconds),
  initialDelaySeconds: secondsOr(initialDelay, CHECK.initialDelaySeconds),
  retries,
});

const secondsOr = (value: string | number | undefined, otherwise: number): number => (value === undefined ? otherwise : (secondsOf(value) ?? otherwise));

/** The words of docker-compose's `test`: a line goes through a shell. */
function testCommand(test: string | readonly string[]): readonly string[] {
  if (typeof test === 'string') return ['/bin/sh', '-c', test];
  if (test[0] === 'CMD-SHELL') return ['/bin/sh', '-c', test.slice(1).join(' ')];
  return test[0] === 'CMD' ? test.slice(1) : test;
}

type Hook = NonNullable<NonNullable<Service['hooks']>['pre_start']>[number];

const hooks = (given: readonly Hook[] = []): readonly HookSpec[] =>
  given.map(({ name, cmd, instances, oneshot, timeout }) => ({
    name, command: cmd, instances: instances === '*' ? '*' : String(instances).split(',').map(Number), oneshot: oneshot ?? false, ...optional({ timeoutSeconds: timeout === undefined ? undefined : secondsOf(timeout) }),
  }));

function permissions(service: Service): Pick<ServiceSpec, 'privileged' | 'readOnly' | 'pid' | 'capAdd' | 'capDrop' | 'securityOpt' | 'groupAdd' | 'devices' | 'sysctls' | 'ulimits'> {
  return {
    privileged: service.privileged ?? false,
    readOnly: service.read_only ?? false,
    ...optional({ pid: service.pid }),
    capAdd: service.cap_add ?? [],
    capDrop: service.cap_drop ?? [],
    securityOpt: service.security_opt ?? [],
    groupAdd: (service.group_add ?? []).map(String),
    devices: service.devices ?? [],
    sysctls: texts(service.sysctls),
    ulimits: Object.entries(service.ulimits ?? {}).map(([name, limit]) => (typeof limit === 'number' ? { name, soft: limit, hard: limit } : { name, ...limit })),
  };
}

function resources(service: Service): Partial<ServiceSpec> {
  const size = (text: string | number | undefined): number | undefined => (text === undefined ? undefined : bytesOf(text));
  const reserved = service.deploy?.resources?.reservations;
  return optional({
    memoryBytes: size(service.mem_limit),
    memorySwapBytes: size(service.memswap_limit),
    memoryReservationBytes: size(service.mem_reservation ?? reserved?.memory),
    shmSizeBytes: size(service.shm_size),
    cpus: service.cpus,
    cpusReserved: reserved?.cpus,
    cpuShares: service.cpu_shares,
    runtime: service.runtime,
    gpus: service.gpus === 'all' ? 'all' : service.gpus === undefined ? undefined : Number(service.gpus),
  });
}
