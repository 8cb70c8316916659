import {
  type Bodies, type Change, DEFAULT_BALANCER, DEFAULT_ROUTE, type DeploySpec, type Entry, Heads, type InstancePhase, type Instant, type Kind, type NodePhase,
  parseInstance, parseService, parseServiceRevision, type Reserved, type Revision, routeName, type RouteStatus, type ServerStatus, type ServiceRollout, type ServiceSpec,
} from '../model/index.js';
import type { View } from '../ports/index.js';

const MIB = 1024 * 1024;
const BEGINNING = 0 as Instant;
const BALANCER = 'infra/lb.1@1';

/** A service that asks for nothing: an image, once. */
export function serviceSpec({ deploy, ...over }: SpecOver = {}): ServiceSpec {
  return {
    image: 'web:1', instances: 1, stateful: false, env: [], labels: {}, ports: [], links: [], network: 'bridge', extraHosts: [], dns: [],
    volumes: [], volumesFrom: [], tmpfs: [], affinity: [], hooks: { preStart: [], postStart: [], preStop: [] }, secrets: [], certificates: [],
    privileged: false, readOnly: false, capAdd: [], capDrop: [], securityOpt: [], groupAdd: [], devices: [], sysctls: {}, ulimits: [],
    stopGraceSeconds: 10,
    ...over,
    deploy: { strategy: 'ha', minHealth: 0.8, order: 'stop-first', onFailure: 'pause', settleSeconds: 0, ...deploy },
  };
}

export type SpecOver = Partial<Omit<ServiceSpec, 'deploy'>> & { readonly deploy?: Partial<DeploySpec> };

export interface NodeOver {
  readonly labels?: readonly string[];
  readonly availability?: 'active' | 'drain';
  readonly phase?: NodePhase;
  /** Milliseconds since the beginning of the world. */
  readonly since?: number;
  readonly wasLost?: boolean;
  readonly cpus?: number;
  readonly memoryMiB?: number;
  readonly volumeDrivers?: readonly string[];
  readonly isUnconfirmed?: boolean;
  /** Number of the node; by default the next. */
  readonly number?: number;
  /** False: its agent has not said yet what it is. */
  readonly hasFacts?: boolean;
}

export interface InstanceOver extends Partial<Omit<Bodies['Instance'], 'service' | 'slot' | 'node'>> {
  /** What its agent says; by default that it runs, and nothing when undefined is given. */
  readonly phase?: InstancePhase | undefined;
  readonly health?: 'starting' | 'healthy' | 'unhealthy';
}

/**
 * The records of one grid, said in one breath: `world().node('n1').service('todo/web@1', { instances: 2 })`. It is a View.
 * Each call that writes a record is one revision later than the call before.
 */
export class World implements View {
  readonly grid = 'default';
  readonly #heads = new Heads();
  #revision = 0;
  #nodes = 0;
  /** The moment that what is said next is written. */
  now: Instant = BEGINNING;

  get revision(): Revision {
    return this.#revision;
  }

  /** A node that is online, active and roomy, unless said otherwise. */
  node(name: string, over: NodeOver = {}): this {
    this.#nodes += 1;
    const { labels = [], availability = 'active', phase = 'online', since = 0, wasLost = false, number = this.#nodes } = over;
    this.with('Node', name, { number, labels, availability, keyFingerprint: '', ...(over.isUnconfirmed === undefined ? {} : { isUnconfirmed: over.isUnconfirmed }) });
    this.with('Health', name, { phase, since: since as Instant, wasLost });
    return over.hasFacts === false ? this : this.facts(name, over);
  }

  facts(name: string, { cpus = 4, memoryMiB = 4096, volumeDrivers = ['local'] }: NodeOver = {}): this {
    return this.with('Facts', name, {
      agentVersion: '0.1.0', engineVersion: '20.10', engineApiVersion: '1.41', operatingSystem: 'Debian', kernel: '6.1', architecture: 'x86_64',
      cpus, memoryBytes: memoryMiB * MIB, volumeDrivers, networkDrivers: ['bridge'], addresses: [],
    });
  }

  /** What a person declared: services of one stack by their short names. */
  stack(name: string, services: Readonly<Record<string, SpecOver>> = {}, scaled: Bodies['Stack']['scaled'] = {}): this {
    const specs = Object.fromEntries(Object.entries(services).map(([service, over]) => [service, serviceSpec(over)]));
    return this.with('Stack', name, { spec: { name, services: specs, volumes: {}, labels: [], metadata: {}, variables: {} }, scaled });
  }

  secret(name: string, version: number): this {
    return this.with('Secret', name, { version, digest: `digest ${String(version)}` });
  }

  certificate(subject: string, version: number): this {
    return this.with('Certificate', subject, { version, digest: `digest ${String(version)}`, names: [subject], expiresAt: this.now });
  }

  volume(name: string, over: Partial<Bodies['Volume']> = {}): this {
    return this.with('Volume', name, { scope: 'instance', driver: 'local', driverOpts: {}, ...over });
  }

  /** Where the data of the slot `todo/db.1` lies. */
  binding(slot: string, node: string, volumes: readonly string[] = []): this {
    return this.with('Binding', slot, { node, volumes });
  }

  /** `todo/web@41`, with every slot of `todo/web` told to run it. */
  service(name: string, over: SpecOver & Partial<Pick<Bodies['Service'], 'isCurrent' | 'isStopped' | 'rounds'>> = {}): this {
    const { isCurrent = true, isStopped, rounds, ...spec } = over;
    const parsed = parseServiceRevision(name);
    if (parsed === undefined) throw new RangeError(`"${name}" is not the name of a service's revision`);
    this.with('Service', name, { spec: serviceSpec(spec), isCurrent, ...(isStopped === undefined ? {} : { isStopped }), ...(rounds === undefined ? {} : { rounds }) });
    return isCurrent ? this.rollout(parsed.service, parsed.revision) : this;
  }

  /** Says which revision the slots of `todo/web` run, and which slots still run an older one. */
  rollout(service: string, revision: Revision, still: Readonly<Record<string, Revision>> = {}, over: Partial<ServiceRollout> = {}): this {
    const names = parseService(service);
    if (names === undefined) throw new RangeError(`"${service}" is not the name of a service`);
    const before = this.get('Rollout', names.stack)?.body.services ?? {};
    return this.with('Rollout', names.stack, { services: { ...before, [names.service]: { revision, still, ...over } } });
  }

  /** `todo/web.2@57` on a node, running revision 1 of its service, as its agent says, unless said otherwise. */
  instance(name: string, node: string, over: InstanceOver = {}): this {
    const { phase = 'phase' in over ? undefined : 'running', health, ...body } = over;
    const id = parseInstance(name);
    if (id === undefined) throw new RangeError(`"${name}" is not the name of an instance`);
    const reserves = { cpus: 0, memoryBytes: 0, ports: [] };
    this.with('Instance', name, { service: id.service, slot: id.slot, node, revision: 1, wanted: 'running', reserves, ...body });
    return phase === undefined ? this : this.report(name, phase, health === undefined ? {} : { health });
  }

  /** What the agent of an instance's node says of it. */
  report(name: string, phase: InstancePhase, over: Partial<Bodies['Report']> = {}): this {
    const node = this.get('Instance', name)?.body.node ?? '';
    return this.with('Report', name, { node, phase, since: this.now, restarts: 0, ...over });
  }

  /** `infra/lb.1@1` runs on node n1, which is heard, and is to serve `service`. */
  balancer(service: string, over: Partial<Bodies['Route']> = {}): this {
    if (this.get('Node', 'n1') === undefined) this.node('n1');
    this.pulse('n1', 'heard').service('infra/lb@1', { balancer: DEFAULT_BALANCER }).instance(BALANCER, 'n1');
    return this.with('Route', routeName('infra/lb', service), { balancer: 'infra/lb', service, spec: DEFAULT_ROUTE, isServed: true, ...over });
  }

  /** What it says of the instances of `service`: that it sends to them, or why not. */
  balances(service: string, servers: Readonly<Record<string, true | string>>, over: Partial<RouteStatus> = {}): this {
    const said = Object.entries(servers).map(([name, how]): readonly [string, ServerStatus] => [name, { isUp: how === true, isDrained: false, ...(how === true ? {} : { reason: how }) }]);
    const status = { requestsPerSecond: 0, errorsPerSecond: 0, servers: Object.fromEntries(said), ...over };
    return this.with('Balancing', BALANCER, { node: 'n1', reloads: 0, routes: { ...this.get('Balancing', BALANCER)?.body.routes, [routeName('infra/lb', service)]: status } });
  }

  pulse(name: string, state: Bodies['Pulse']['state'], since = 0): this {
    return this.with('Pulse', name, { state, since: since as Instant });
  }

  /** What a node's agent says of its network: all of it as it should be, unless said otherwise. */
  network(name: string, over: Partial<Bodies['NodeNetwork']> = {}): this {
    return this.with('NodeNetwork', name, { port: 51_820, addresses: [], routes: [], problems: [], ...over });
  }

  /** The part of the grid's subnet that a node owns. */
  lease(name: string, subnet: string, over: Bodies['Lease'] = {}): this {
    return this.with('Lease', name, { subnet, ...over });
  }

  /** From here on it is so many milliseconds after the beginning of the world. */
  at(ms: number): this {
    this.now = ms as Instant;
    return this;
  }

  with<K extends Kind>(kind: K, name: string, body: Bodies[K]): this {
    this.#revision += 1;
    const before = this.#heads.get(kind, name);
    const entry = {
      kind, name, body, revision: this.#revision, createdAt: before?.createdAt ?? this.now, updatedAt: this.now, updatedBy: 'world',
    };
    this.#heads.put(entry as Entry);
    return this;
  }

  without(kind: Kind, name: string): this {
    this.#revision += 1;
    this.#heads.drop(kind, name);
    return this;
  }

  /** The world after a plan. */
  apply(steps: readonly Change[]): this {
    for (const { kind, name, body } of steps) {
      if (body === undefined) this.without(kind, name);
      else this.with(kind, name, body);
    }
    return this;
  }

  get<K extends Kind>(kind: K, name: string): Entry<K> | undefined {
    return this.#heads.get(kind, name);
  }

  list<K extends Kind>(kind: K, prefix = ''): readonly Entry<K>[] {
    return this.#heads.list(kind, prefix);
  }

  instancesOf(service: string): readonly Entry<'Instance'>[] {
    return this.#heads.instancesOf(service);
  }

  instancesOn(node: string): readonly Entry<'Instance'>[] {
    return this.#heads.instancesOn(node);
  }

  reservedOn(node: string): Reserved {
    return this.#heads.reservedOn(node);
  }
}

export const world = (): World => new World();

/** A change on one line: `+ Instance todo/web.1@5 n1 running r1 (slot 1 was empty)`. */
export function line(change: Change): string {
  const { kind, name, body, why } = change;
  return [body === undefined ? '-' : '+', kind, name, ...details(change), `(${why})`].join(' ');
}

function details(change: Change): readonly string[] {
  if (change.body === undefined) return [];
  if (change.kind === 'Instance') return [change.body.node, change.body.wanted, `r${String(change.body.revision)}`];
  if (change.kind === 'Health') return [change.body.phase];
  if (change.kind === 'Placement') return [`slots ${change.body.slots.join(',')}`];
  if (change.kind === 'Lease') return Object.values(change.body as Readonly<Record<string, string>>);
  if (change.kind === 'HooksDone') return [change.body.hooks.join(', ')];
  if (change.kind === 'Binding') return [change.body.node, ...change.body.volumes];
  if (change.kind === 'Service') return [`${change.body.isCurrent ? 'current' : 'old'} x${String(change.body.spec.instances)}`];
  if (change.kind !== 'Rollout') return [];
  return [
    ...Object.entries(change.body.services).map(([service, rollout]) => `${service}=${String(rollout.revision)}${stillText(rollout.still)}${marks(rollout)}`),
    ...Object.entries(change.body.waits ?? {}).map(([service, other]) => `${service} after ${other}`),
  ];
}

const stillText = (still: Readonly<Record<string, Revision>>): string =>
  Object.entries(still).map(([slot, revision]) => ` .${slot}=${String(revision)}`).join('');

const marks = ({ revision, round, complete, reverted }: ServiceRollout): string =>
  [round === undefined ? '' : ` from round ${String(round)}`, complete?.revision === revision ? ' complete' : '', reverted === undefined ? '' : ` reverted from ${String(reverted.from)}`].join('');
