import { type HookSpec, isSame, type PortSpec, type ServiceSpec, type VolumeMount } from '../../model/index.js';
import { writtenBalancer, writtenRoute } from '../balancing/written.js';
import type { Service } from '../gen/stack-file.js';
import { serviceSpec } from './spec.js';

/** Keys of a service as they stand in a stack file. */
export type WrittenService = { readonly [Key in keyof Service]?: unknown };

type Writers = { readonly [Field in keyof Required<ServiceSpec>]: (value: NonNullable<ServiceSpec[Field]>, stack: string) => WrittenService };

/** What each part of a service is in the words of a stack file, in the order in which it is read: a new part does not compile until it has its line. */
const WRITERS: Writers = {
  image: (image) => ({ image }),
  command: (words) => ({ command: line(words) }),
  entrypoint: (words) => ({ entrypoint: line(words) }),
  instances: (instances) => ({ instances }),
  stateful: (stateful) => ({ stateful }),
  ports: (ports) => ({ ports: ports.map(port) }),
  env: (environment) => ({ environment }),
  secrets: (secrets) => ({ secrets: secrets.map(({ version: _version, ...secret }) => secret) }),
  certificates: (certificates) => ({ certificates: certificates.map(({ version: _version, ...certificate }) => certificate) }),
  links: (links, stack) => ({ links: links.map(({ service, alias }) => (service.endsWith(`/${alias}`) ? own(service, stack) : `${own(service, stack)}:${alias}`)) }),
  volumes: (volumes, stack) => ({ volumes: volumes.map((mount) => volume(mount, stack)) }),
  volumesFrom: (names, stack) => ({ volumes_from: names.map((name) => own(name, stack)) }),
  tmpfs: (tmpfs) => ({ tmpfs }),
  deploy: (deploy) => ({
    deploy: {
      strategy: deploy.strategy, min_health: deploy.minHealth, wait_for_port: deploy.waitForPort, wait_for_port_timeout: duration(deploy.waitForPortSeconds), interval: duration(deploy.intervalSeconds),
      grace: duration(deploy.graceSeconds), order: deploy.order, on_failure: deploy.onFailure, settle: duration(deploy.settleSeconds),
    },
  }),
  affinity: (affinity) => ({ affinity }),
  healthCheck: (check) => ({
    health_check: 'timeoutSeconds' in check
      ? {
          protocol: check.protocol, port: check.port, uri: check.uri, command: line(check.command), timeout: check.timeoutSeconds, interval: check.intervalSeconds, initial_delay: check.initialDelaySeconds,
          retries: check.retries, successes: check.successes, restart: check.restart,
        }
      : check,
  }),
  hooks: ({ preStart, postStart, preStop }) => ({ hooks: { pre_start: preStart.map(hook), post_start: postStart.map(hook), pre_stop: preStop.map(hook) } }),
  network: (mode) => ({ network_mode: mode }),
  hostname: (hostname) => ({ hostname }),
  extraHosts: (hosts) => ({ extra_hosts: hosts }),
  dns: (dns) => ({ dns }),
  user: (user) => ({ user }),
  workingDir: (folder) => ({ working_dir: folder }),
  init: (init) => ({ init }),
  labels: (labels) => ({ labels }),
  privileged: (privileged) => ({ privileged }),
  readOnly: (readOnly) => ({ read_only: readOnly }),
  pid: (pid) => ({ pid }),
  capAdd: (names) => ({ cap_add: names }),
  capDrop: (names) => ({ cap_drop: names }),
  securityOpt: (options) => ({ security_opt: options }),
  groupAdd: (groups) => ({ group_add: groups }),
  devices: (devices) => ({ devices }),
  sysctls: (sysctls) => ({ sysctls }),
  ulimits: (limits) => ({ ulimits: Object.fromEntries(limits.map(({ name, soft, hard }) => [name, soft === hard ? soft : { soft, hard }])) }),
  memoryBytes: (bytes) => ({ mem_limit: size(bytes) }),
  memorySwapBytes: (bytes) => ({ memswap_limit: size(bytes) }),
  memoryReservationBytes: (bytes) => ({ mem_reservation: size(bytes) }),
  shmSizeBytes: (bytes) => ({ shm_size: size(bytes) }),
  cpus: (cpus) => ({ cpus }),
  cpusReserved: (cpus) => ({ deploy: { resources: { reservations: { cpus } } } }),
  cpuShares: (shares) => ({ cpu_shares: shares }),
  runtime: (runtime) => ({ runtime }),
  gpus: (gpus) => ({ gpus }),
  logging: (logging) => ({ logging }),
  stopSignal: (signal) => ({ stop_signal: signal }),
  stopGraceSeconds: (seconds) => ({ stop_grace_period: `${String(seconds)}s` }),
  route: (route) => ({ balancer: writtenRoute(route) }),
  balancer: (balancer) => ({ role: 'load-balancer', load_balancer: writtenBalancer(balancer) }),
};

/** A service of `stack` in the words of its stack file, without what is so by default. */
export function writtenService(spec: ServiceSpec, stack: string): WrittenService {
  const { healthCheck } = spec;
  const nothingSaid = serviceSpec({ image: '', ...(healthCheck === undefined ? {} : { health_check: { protocol: healthCheck.protocol } }) }, { stack, volumes: new Map() });
  const { image: _image, health_check: check, ...defaults } = wholeService(nothingSaid, stack);
  return withoutDefaults(wholeService(spec, stack), { ...defaults, health_check: { ...(check as Table | undefined), protocol: undefined } });
}

type Table = Readonly<Record<string, unknown>>;

/** The same with what is so by default, to be held against another. */
export function wholeService(spec: ServiceSpec, stack: string): WrittenService {
  let all: Table = {};
  for (const [field, write] of Object.entries(WRITERS)) {
    const value = spec[field as keyof ServiceSpec];
    if (value !== undefined) all = merged(all, (write as (value: unknown, stack: string) => Table)(value, stack));
  }
  return all;
}

/** Two parts of a service may be told under one key. */
const merged = (before: Table, more: Table): Table =>
  ({ ...before, ...Object.fromEntries(Object.entries(more).map(([key, value]) => [key, isTable(before[key]) && isTable(value) ? { ...before[key], ...value } : value])) });

/** What differs, and of maps that have a default only what differs in them. */
function withoutDefaults(all: Table, defaults: Table): Table {
  return Object.fromEntries(Object.entries(all).flatMap(([key, value]): readonly (readonly [string, unknown])[] => {
    const usual = defaults[key];
    if (value === undefined || isSame(value, usual)) return [];
    const told = isTable(value) && isTable(usual) ? withoutDefaults(value, usual) : value;
    return isTable(told) && Object.keys(told).length === 0 ? [] : [[key, told]];
  }));
}

const isTable = (value: unknown): value is Table => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Words that a shell would leave as they are make a line. */
const line = (words: readonly string[] | undefined): string | readonly string[] | undefined =>
  words !== undefined && words.length > 0 && words.every((word) => /^[\w@%+=:,./-]+$/.test(word)) ? words.join(' ') : words;

/** `db` of `todo/db` in stack `todo`. */
const own = (name: string, stack: string): string => (name.startsWith(`${stack}/`) ? name.slice(stack.length + 1) : name);

function port({ ip, nodePort, containerPort, protocol }: PortSpec): string {
  const host = ip.includes(':') ? `[${ip}]:` : ip === '0.0.0.0' ? '' : `${ip}:`;
  return `${host}${String(nodePort)}:${String(containerPort)}${protocol === 'udp' ? '/udp' : ''}`;
}

function volume({ type, source = '', path, flags }: VolumeMount, stack: string): string {
  const name = type === 'volume' && source.startsWith(`${stack}.`) ? source.slice(stack.length + 1) : source;
  return [...(type === 'anonymous' ? [] : [name]), path, ...(flags.length === 0 ? [] : [flags.join(',')])].join(':');
}

const hook = ({ name, command, instances, oneshot, timeoutSeconds }: HookSpec): Table => ({
  name,
  cmd: command,
  instances: instances === '*' ? '*' : instances.join(','),
  ...(oneshot ? { oneshot } : {}),
  ...(timeoutSeconds === undefined ? {} : { timeout: duration(timeoutSeconds) }),
});

const UNITS = [['d', 86_400], ['h', 3_600], ['min', 60]] as const;

/** `2h`, `5min` or a number of seconds. */
function duration(seconds: number | undefined): string | number | undefined {
  if (seconds === undefined || seconds === 0) return seconds;
  const unit = UNITS.find(([, length]) => seconds % length === 0);
  return unit === undefined ? seconds : `${String(seconds / unit[1])}${unit[0]}`;
}

const SIZES = [['g', 1024 ** 3], ['m', 1024 ** 2], ['k', 1024]] as const;

/** `256m`, or a number of bytes. */
function size(bytes: number): string {
  const unit = bytes > 0 ? SIZES.find(([, length]) => bytes % length === 0) : undefined;
  return unit === undefined ? String(bytes) : `${String(bytes / unit[1])}${unit[0]}`;
}
