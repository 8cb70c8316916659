import type { ContainerCreateOptions, DeviceMapping, HostConfig } from 'dockerode';
import { containerName, type InstanceId, parseInstance, type PortSpec, type ServiceSpec, takesImageCheck, type VolumeMount } from '../model/index.js';
import type { CreateContainer, Resolver } from '../ports/index.js';
import { ADDRESS_LABEL, HOOK_LABEL, INSTANCE_LABEL, type Owner, ownerLabels, SERVICE_LABEL } from './labels.js';
import { hasSecretFiles, secretEnvironment, SECRETS_PATH } from './secrets.js';

/** Names of other containers that a spec refers to, as found on this node. */
export interface Resolved {
  /** As {@link references} names them → the container. A name that is not here is taken as the engine's own. */
  readonly containers: Readonly<Record<string, string>>;
}

/** What the engine is asked to create for an instance. An option the service does not name is left to the engine. */
export function createOptions(request: CreateContainer, owner: Owner, resolved: Resolved): ContainerCreateOptions {
  const { instance, service, spec, attachment } = request;
  const id = parseInstance(instance);
  if (id === undefined) throw new RangeError(`"${instance}" is not the name of an instance`);
  return defined<ContainerCreateOptions>({
    name: containerName(instance),
    Image: spec.image,
    Hostname: spec.network === 'bridge' ? (spec.hostname ?? `${shortName(id)}-${String(id.slot)}`) : undefined,
    User: spec.user,
    WorkingDir: spec.workingDir,
    Entrypoint: spec.entrypoint === undefined ? undefined : [...spec.entrypoint],
    Cmd: spec.command === undefined ? undefined : [...spec.command],
    Env: environment(id, request, owner),
    Labels: { ...spec.labels, ...ownerLabels(owner), [INSTANCE_LABEL]: instance, [SERVICE_LABEL]: service, ...(attachment === undefined ? {} : { [ADDRESS_LABEL]: attachment.address }) },
    StopSignal: spec.stopSignal,
    StopTimeout: spec.stopGraceSeconds,
    Healthcheck: takesImageCheck(spec) ? undefined : { Test: ['NONE'] },
    ExposedPorts: spec.network === 'bridge' && spec.ports.length > 0 ? Object.fromEntries(spec.ports.map((port) => [portKey(port), {}])) : undefined,
    Volumes: emptyAsAbsent(Object.fromEntries(anonymousVolumes(request).map((path) => [path, {}]))),
    HostConfig: hostConfig(request, id, resolved),
    NetworkingConfig: attachment === undefined ? undefined : { EndpointsConfig: { [attachment.network]: { IPAMConfig: { IPv4Address: attachment.address } } } },
  });
}

/** What a container of a hook is created from: the instance's own options, without what only one container can have. */
export function hookOptions(request: CreateContainer, command: readonly string[], owner: Owner, resolved: Resolved): ContainerCreateOptions {
  const spec: ServiceSpec = { ...request.spec, ports: [], entrypoint: command.slice(0, 1), command: command.slice(1) };
  const { [INSTANCE_LABEL]: instance = '', ...labels } = createOptions({ ...request, spec }, owner, resolved).Labels ?? {};
  return { ...createOptions({ ...request, spec }, owner, resolved), name: hookName(request.instance), Labels: { ...labels, [HOOK_LABEL]: instance } };
}

const hookName = (instance: string): string => `${containerName(instance)}.hook`;

/** The names a spec uses for other containers, with the number of the instance in place of `%s`. */
export function references(spec: ServiceSpec, slot: number): readonly string[] {
  const network = spec.network.startsWith('container:') ? [spec.network.slice('container:'.length)] : [];
  return [...spec.volumesFrom.map((name) => volumesFromName(name)), ...network].map((name) => withSlot(name, slot));
}

/** Which containers the names mean: `data-1` is slot 1 of service `data` of this stack, in its newest round of those that are there. */
export function resolveReferences(names: readonly string[], stack: string, instances: readonly string[]): Readonly<Record<string, string>> {
  const rounds = new Map<string, InstanceId & { readonly instance: string }>();
  for (const instance of instances) {
    const id = parseInstance(instance);
    if (id?.stack !== stack) continue;
    const name = `${shortName(id)}-${String(id.slot)}`;
    if ((rounds.get(name)?.round ?? -1) < id.round) rounds.set(name, { ...id, instance });
  }
  return Object.fromEntries(names.flatMap((name) => { const found = rounds.get(name); return found === undefined ? [] : [[name, containerName(found.instance)]]; }));
}

function hostConfig({ spec, volumes, attachment, resolver = attachment?.resolver }: CreateContainer, id: InstanceId, resolved: Resolved): HostConfig {
  return defined<HostConfig>({
    NetworkMode: attachment?.network ?? networkMode(spec, id, resolved),
    RestartPolicy: { Name: 'no' }, // the agent restarts: it knows when not to
    PortBindings: spec.network === 'bridge' && spec.ports.length > 0 ? portBindings(spec.ports) : undefined,
    Binds: emptyListAsAbsent(binds(spec, volumes)),
    VolumesFrom: emptyListAsAbsent(spec.volumesFrom.map((name) => volumesFrom(name, id.slot, resolved))),
    Tmpfs: emptyAsAbsent(Object.fromEntries(spec.tmpfs.map(splitOnce(':')))),
    ExtraHosts: emptyListAsAbsent([...spec.extraHosts]),
    ...nameServers(spec, resolver),
    LogConfig: spec.logging === undefined ? undefined : { Type: spec.logging.driver, Config: { ...spec.logging.options } },
    Init: spec.init,
    Runtime: spec.runtime,
    ...security(spec),
    ...limits(spec),
  });
}

/** `web` and `web.todo` are looked for in the grid before they are taken for names of the world; a name with more dots is tried as it is first. */
const SEARCH_FIRST = 'ndots:2';

/** A service that names servers of its own knows better. */
const nameServers = ({ dns }: ServiceSpec, resolver: Resolver | undefined): HostConfig =>
  defined<HostConfig>({
    Dns: emptyListAsAbsent([...(dns.length > 0 ? dns : (resolver?.dns ?? []))]),
    DnsSearch: emptyListAsAbsent([...(resolver?.search ?? [])]),
    DnsOptions: resolver === undefined || resolver.search.length === 0 ? undefined : [SEARCH_FIRST],
  });

const security = (spec: ServiceSpec): HostConfig => ({
  Privileged: spec.privileged,
  ReadonlyRootfs: spec.readOnly,
  ...defined<HostConfig>({
    PidMode: spec.pid,
    CapAdd: emptyListAsAbsent([...spec.capAdd]),
    CapDrop: emptyListAsAbsent([...spec.capDrop]),
    SecurityOpt: emptyListAsAbsent([...spec.securityOpt]),
    GroupAdd: emptyListAsAbsent([...spec.groupAdd]),
    Devices: emptyListAsAbsent(spec.devices.map(device)),
    DeviceRequests: spec.gpus === undefined ? undefined : [{ Driver: '', Count: spec.gpus === 'all' ? -1 : spec.gpus, Capabilities: [['gpu']] }],
    Sysctls: emptyAsAbsent({ ...spec.sysctls }),
  }),
});

const limits = (spec: ServiceSpec): HostConfig =>
  defined<HostConfig>({
    Ulimits: emptyListAsAbsent(spec.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard }))),
    Memory: spec.memoryBytes,
    MemorySwap: spec.memorySwapBytes,
    MemoryReservation: spec.memoryReservationBytes,
    ShmSize: spec.shmSizeBytes,
    NanoCpus: spec.cpus === undefined ? undefined : Math.round(spec.cpus * 1e9),
    CpuShares: spec.cpuShares,
  });

/** Files from the vault lie in a volume of their own, which can be filled even where the container itself is read-only. */
const anonymousVolumes = ({ spec, volumes = {} }: CreateContainer): readonly string[] => [
  ...spec.volumes.filter(({ type, path }) => type === 'anonymous' && volumes[path] === undefined).map(({ path }) => path),
  ...(hasSecretFiles({ spec }) ? [SECRETS_PATH] : []),
];

/** The vault goes before `environment`. What the container is told of itself comes last and wins: a service that sets it by hand would lie to its own tools. */
function environment(id: InstanceId, request: CreateContainer, { grid, node }: Owner): string[] {
  const own: Readonly<Record<string, string>> = {
    KONTENA_SERVICE_NAME: shortName(id),
    KONTENA_STACK_NAME: id.stack,
    KONTENA_GRID_NAME: grid,
    KONTENA_PLATFORM_NAME: grid,
    KONTENA_NODE_NAME: node,
    KONTENA_SERVICE_INSTANCE_NUMBER: String(id.slot),
  };
  const secrets = secretEnvironment(request);
  const isUsers = (name: string): boolean => !Object.hasOwn(own, name);
  const users = request.spec.env.filter((entry) => isUsers(splitOnce('=')(entry)[0]) && !secrets.has(splitOnce('=')(entry)[0]));
  const opened = [...secrets].filter(([name]) => isUsers(name)).map(([name, value]) => `${name}=${value}`);
  return [...users, ...opened, ...Object.entries(own).map(([name, value]) => `${name}=${value}`)];
}

const shortName = ({ stack, service }: InstanceId): string => service.slice(stack.length + 1);

function networkMode(spec: ServiceSpec, { slot }: InstanceId, { containers }: Resolved): string {
  if (!spec.network.startsWith('container:')) return spec.network;
  const name = withSlot(spec.network.slice('container:'.length), slot);
  return `container:${containers[name] ?? name}`;
}

/** `data-%s:ro` → the container's name, and how. */
function volumesFrom(reference: string, slot: number, { containers }: Resolved): string {
  const name = withSlot(volumesFromName(reference), slot);
  return `${containers[name] ?? name}${reference.slice(volumesFromName(reference).length)}`;
}

const volumesFromName = (reference: string): string => reference.replace(/:(ro|rw)$/, '');
const withSlot = (name: string, slot: number): string => name.replaceAll('%s', String(slot));

const portKey = ({ containerPort, protocol }: PortSpec): string => `${String(containerPort)}/${protocol}`;

function portBindings(ports: readonly PortSpec[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) (bindings[portKey(port)] ??= []).push({ HostIp: port.ip, HostPort: String(port.nodePort) });
  return bindings;
}

/** Our volumes under the names that the engine has for them, those too that the image declares and nobody mentioned. */
function binds(spec: ServiceSpec, volumes: NonNullable<CreateContainer['volumes']> = {}): string[] {
  const mentioned = new Set(spec.volumes.map(({ path }) => path));
  return [
    ...spec.volumes.flatMap((mount) => {
      const source = volumes[mount.path]?.name ?? mount.source;
      return source === undefined ? [] : [bind({ ...mount, source })];
    }),
    ...Object.entries(volumes).flatMap(([path, { name }]) => (mentioned.has(path) ? [] : [`${name}:${path}`])),
  ];
}

const bind = ({ source = '', path, flags }: VolumeMount): string => [source, path, ...(flags.length > 0 ? [flags.join(',')] : [])].join(':');

function device(text: string): DeviceMapping {
  const [host = '', container = host, permissions = 'rwm'] = text.split(':');
  return { PathOnHost: host, PathInContainer: container, CgroupPermissions: permissions };
}

/** `a:b:c` → `a` and `b:c`; without the mark, the whole and nothing. */
const splitOnce =
  (mark: string) =>
  (text: string): readonly [string, string] => {
    const at = text.indexOf(mark);
    return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];
  };

const emptyListAsAbsent = <T>(list: T[]): T[] | undefined => (list.length === 0 ? undefined : list);
const emptyAsAbsent = <T extends object>(record: T): T | undefined => (Object.keys(record).length === 0 ? undefined : record);

/** The same without what is undefined: for the engine, a key that is there means something. */
const defined = <T extends object>(options: { readonly [K in keyof T]?: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
