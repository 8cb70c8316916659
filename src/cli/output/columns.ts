import type { Resource, ResourceKind } from '../../ports/index.js';
import { NOTHING, type Column } from './table.js';

type ResourceColumn = Column<Resource>;
type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as one cell: lists joined, absent ones as a dash. */
export function cellOf(value: unknown): string {
  if (value === undefined || value === null || value === '') return NOTHING;
  if (Array.isArray(value)) return value.length === 0 ? NOTHING : value.map(cellOf).join(',');
  if (typeof value === 'object') return JSON.stringify(value);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : NOTHING;
}

/** The value at `status.instances.running`; undefined where there is none. */
export function valueAt(resource: Resource, path: string): unknown {
  let value: unknown = resource;
  for (const part of path.split('.')) value = isFields(value) ? value[part] : undefined;
  return value;
}

const NAME: ResourceColumn = { title: 'NAME', cell: ({ name }) => name, isKey: true };
const column = (title: string, path: string): ResourceColumn => ({ title, cell: (resource) => cellOf(valueAt(resource, path)) });
const wide = (shown: ResourceColumn): ResourceColumn => ({ ...shown, isWide: true });

const UNITS = [['d', 86_400], ['h', 3600], ['m', 60], ['s', 1]] as const;

/** How long ago, in the largest unit that fits: `3h`. */
export function ageOf(iso: unknown, nowMs: number): string {
  const since = typeof iso === 'string' ? Date.parse(iso) : Number.NaN;
  return Number.isNaN(since) ? NOTHING : lengthOf(nowMs - since);
}

/** A length of time in the largest unit that fits: `3h`. */
export function lengthOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? ['s', 1];
  return `${String(Math.floor(seconds / size))}${unit}`;
}

const bytesAt = (resource: Resource, path: string): string => {
  const value = valueAt(resource, path);
  return typeof value === 'number' ? `${(value / 2 ** 30).toFixed(1)}GiB` : NOTHING;
};

/** `1.5 cpus, 0.5GiB`: what the instances of a node are sure to have of it. */
const reservedOf = (resource: Resource): string => `${cellOf(valueAt(resource, 'status.reserved.cpus'))} cpus, ${bytesAt(resource, 'status.reserved.memoryBytes')}`;

const ratio = (part: string, whole: string) => (resource: Resource): string => {
  const [some, all] = [valueAt(resource, part), valueAt(resource, whole)];
  return all === undefined ? NOTHING : `${cellOf(some)}/${cellOf(all)}`;
};
const runningOf = ratio('status.instances.running', 'status.instances.wanted');

/** `acme/todo:1.2.0`: what the file of a stack calls itself. */
const versionedOf = (resource: Resource): string => {
  const [stack, version] = [valueAt(resource, 'spec.stack'), valueAt(resource, 'spec.version')];
  return version === undefined ? cellOf(stack) : `${cellOf(stack)}:${cellOf(version)}`;
};

/** `2`: how many services a stack has. */
const countServices = (resource: Resource): string => {
  const services = valueAt(resource, 'status.services');
  return isFields(services) ? String(Object.keys(services).length) : NOTHING;
};

/** What is the matter with a stack: its own reason, its file's, and where a person's number differs from the file's. */
function troubleOf(resource: Resource): string {
  const scaled = valueAt(resource, 'status.scaled');
  const byHand = !isFields(scaled) ? [] : Object.entries(scaled).map(([service, numbers]) =>
    `${service} is scaled to ${cellOf(isFields(numbers) ? numbers.scaled : undefined)}, its file says ${cellOf(isFields(numbers) ? numbers.file : undefined)}`);
  const file = valueAt(resource, 'status.sourceError');
  const reasons = [valueAt(resource, 'status.reason'), file === undefined ? undefined : `its file: ${cellOf(file)}`, ...byHand].filter((reason) => reason !== undefined);
  return reasons.length === 0 ? NOTHING : reasons.map(cellOf).join('; ');
}

/** What is the matter with a node: its own reason, that of its part of the network, and what it lacks for it. */
function nodeTroubleOf(resource: Resource): string {
  const problems = valueAt(resource, 'status.network.problems');
  const lacks = !Array.isArray(problems) ? [] : problems.filter(isFields).map(({ what, reason, remedy }) => `${cellOf(what)}: ${cellOf(reason)} (${cellOf(remedy)})`);
  const reasons = [valueAt(resource, 'status.reason'), valueAt(resource, 'status.network.reason'), ...lacks].filter((reason) => reason !== undefined);
  return reasons.length === 0 ? NOTHING : reasons.map(cellOf).join('; ');
}

/** The nodes where the data of slots lies, those that are not there marked as such. */
function dataNodesOf(resource: Resource): string {
  const data = valueAt(resource, 'status.data');
  const nodes = !Array.isArray(data) ? [] : data.filter(isFields).map(({ node, phase }) => (phase === 'online' ? cellOf(node) : `${cellOf(node)} (${cellOf(phase)})`));
  return nodes.length === 0 ? NOTHING : [...new Set(nodes)].join(',');
}

/** That a certificate ends soon, and what stands in the way of the next one. */
function certificateTroubleOf(resource: Resource): string {
  const reasons = [...(valueAt(resource, 'status.endsSoon') === true ? ['it ends soon'] : []), ...[valueAt(resource, 'status.reason')].filter((reason) => reason !== undefined).map(cellOf)];
  return reasons.length === 0 ? NOTHING : reasons.join('; ');
}

const portsOf = (resource: Resource): string => {
  const ports = valueAt(resource, 'spec.ports');
  if (!Array.isArray(ports) || ports.length === 0) return NOTHING;
  return ports.filter(isFields).map(({ ip, nodePort, containerPort, protocol }) =>
    `${ip === '0.0.0.0' || ip === undefined ? '*' : cellOf(ip)}:${cellOf(nodePort)}->${cellOf(containerPort)}/${cellOf(protocol)}`).join(',');
};

/** `shop.example.com/api,*.example.org/api`, `*`, or the port of a balancer: what a request asks for to be served by this. */
const claimOf = (resource: Resource): string => {
  const [hosts, mode] = [valueAt(resource, 'spec.hosts'), valueAt(resource, 'spec.mode')];
  const names = Array.isArray(hosts) && hosts.length > 0 ? hosts.map(cellOf).join(',') : '*';
  return mode === 'tcp' ? `${names}:${cellOf(valueAt(resource, 'spec.externalPort'))}` : names;
};

/** `32ms`: how long the last change took until all balancers served it. */
const tookOf = (resource: Resource): string => {
  const took = valueAt(resource, 'status.tookMs');
  return typeof took === 'number' ? `${String(Math.round(took))}ms` : NOTHING;
};

/** The columns of a kind's table. `nowMs`: the moment ages are counted to. */
export function columnsOf(kind: ResourceKind, nowMs: number): readonly ResourceColumn[] {
  const age = (title: string, read: (resource: Resource) => unknown): ResourceColumn => ({ title, cell: (resource) => ageOf(read(resource), nowMs) });
  const created = age('AGE', ({ createdAt }) => createdAt);
  const revision: ResourceColumn = { title: 'REVISION', cell: (resource) => String(resource.revision) };
  const byKind: Readonly<Record<ResourceKind, readonly ResourceColumn[]>> = {
    grid: [NAME, { title: 'NODES', cell: ratio('status.nodes.online', 'status.nodes.total') }, column('STACKS', 'status.stacks'), column('SUBNET', 'spec.subnet'), { title: 'PARTS', cell: ratio('status.parts.taken', 'status.parts.total') }, created],
    node: [
      NAME, column('PHASE', 'status.phase'), column('AVAILABILITY', 'spec.availability'), column('INSTANCES', 'status.instances'), column('LABELS', 'spec.labels'), created, { title: 'REASON', cell: nodeTroubleOf },
      ...[column('NUMBER', 'spec.number'), column('CPUS', 'status.facts.cpus'), { title: 'MEMORY', cell: (resource: Resource) => bytesAt(resource, 'status.facts.memoryBytes') },
        { title: 'RESERVED', cell: reservedOf },
        column('ENGINE', 'status.facts.engineVersion'), column('AGENT', 'status.facts.agentVersion'), column('ADDRESSES', 'status.facts.addresses'), column('SUBNET', 'status.network.subnet'), column('TUNNELS', 'status.network.implementation')].map(wide),
    ],
    stack: [
      NAME, { title: 'STACK', cell: versionedOf }, column('STATE', 'status.state'), { title: 'SERVICES', cell: countServices }, { title: 'RUNNING', cell: runningOf }, revision, created, { title: 'REASON', cell: troubleOf },
      ...[column('PARENT', 'spec.parent'), column('ORIGIN', 'status.origin'), column('BY', 'updatedBy')].map(wide),
    ],
    service: [
      NAME, column('STATE', 'status.state'), { title: 'RUNNING', cell: runningOf }, column('IMAGE', 'spec.image'), { title: 'PORTS', cell: portsOf }, created, column('REASON', 'status.reason'),
      ...[column('STRATEGY', 'spec.deploy.strategy'), column('DECLARED', 'status.declared'), column('REVISIONS', 'status.running')].map(wide),
    ],
    instance: [
      NAME, column('PHASE', 'status.phase'), column('NODE', 'spec.node'), column('HEALTH', 'status.health'), column('RESTARTS', 'status.restarts'), age('SINCE', (resource) => valueAt(resource, 'status.since')), column('REASON', 'status.reason'),
      ...[column('ADDRESS', 'status.address'), column('CONTAINER', 'status.container'), column('REVISION', 'spec.revision')].map(wide),
    ],
    route: [
      { title: 'HOST', cell: claimOf, isKey: true }, column('PATH', 'spec.paths'), column('SERVICE', 'spec.service'), column('BALANCER', 'spec.balancer'), { title: 'ENDPOINTS', cell: ratio('status.endpoints.up', 'status.endpoints.total') },
      column('REQUESTS/S', 'status.requestsPerSecond'), column('ERRORS/S', 'status.errorsPerSecond'), age('CHANGED', ({ updatedAt }) => updatedAt), { title: 'TOOK', cell: tookOf }, column('REASON', 'status.reason'),
      ...[column('MODE', 'spec.mode'), column('PORT', 'spec.port'), column('WEIGHT', 'spec.weight'), column('BALANCE', 'spec.balance'), NAME].map(wide),
    ],
    secret: [NAME, column('VERSION', 'status.version'), column('USED BY', 'status.usedBy'), created, age('UPDATED', ({ updatedAt }) => updatedAt), wide(column('BY', 'updatedBy'))],
    certificate: [
      NAME, column('PHASE', 'status.phase'), column('EXPIRES', 'spec.expiresAt'), column('NEXT', 'status.nextAt'), column('USED BY', 'status.usedBy'), created, { title: 'REASON', cell: certificateTroubleOf },
      ...[column('NAMES', 'spec.names'), column('VERSION', 'status.version'), column('CHALLENGE', 'spec.challenge'), column('AUTHORITY', 'spec.directory')].map(wide),
    ],
    volume: [NAME, column('SCOPE', 'spec.scope'), column('DRIVER', 'spec.driver'), column('USED BY', 'status.usedBy'), { title: 'NODES', cell: dataNodesOf }, created, wide(column('OPTIONS', 'spec.driverOpts')), wide(column('BY', 'updatedBy'))],
    registry: [NAME, column('USER', 'spec.user'), column('USED BY', 'status.usedBy'), created, age('UPDATED', ({ updatedAt }) => updatedAt), wide(column('BY', 'updatedBy'))],
    token: [NAME, column('ROLE', 'spec.role'), column('EXPIRES', 'spec.expiresAt'), column('USES', 'spec.uses'), column('USED', 'status.used'), age('LAST USED', (resource) => valueAt(resource, 'status.usedAt')), column('NODE', 'spec.node'), column('LABELS', 'spec.labels'), created],
    credential: [NAME, column('PHASE', 'status.phase'), column('ENDS', 'spec.endsAt'), column('FINGERPRINT', 'spec.fingerprint'), created],
    user: [NAME, column('PROVIDER', 'spec.provider'), column('PHASE', 'status.phase'), column('SESSIONS', 'status.sessions'), created],
    provider: [NAME, column('ADDRESS', 'spec.address'), created, wide(column('BY', 'updatedBy'))],
    session: [NAME, column('FROM', 'spec.from'), column('ENDS', 'spec.endsAt'), column('GROUPS', 'status.groups'), created, wide(column('FINGERPRINT', 'spec.fingerprint'))],
    member: [NAME, column('ROLES', 'spec.roles'), column('ON THE MASTER', 'spec.masterRoles'), created, wide(column('BY', 'updatedBy'))],
    role: [NAME, column('STACKS', 'spec.stacks'), column('ALLOWS', 'spec.allow')],
    source: [NAME, column('STACK', 'spec.stack'), column('ERROR', 'status.error'), wide(column('DIRECTORY', 'spec.directory'))],
  };
  return byKind[kind];
}
