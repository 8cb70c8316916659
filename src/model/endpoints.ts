import { causeOf } from './availability.js';
import type { Entry } from './entry.js';
import type { Records } from './heads.js';
import { parseServiceRevision, serviceRevisionName } from './names.js';
import type { InstancePhase, Kind, ReportBody } from './records.js';
import type { ServiceSpec } from './service.js';
import { firstHost, hasAddress, parseAddress, parseSubnet, type Subnet } from './subnet.js';

/** Where an instance is reached, and whether it should be. */
export interface Endpoint {
  /** `todo/web.2@57`. */
  readonly instance: string;
  /** On the grid's network: `10.81.3.7`. */
  readonly address: string;
  readonly node: string;
  /** Other stacks reach it by its stack's name. */
  readonly isExposed: boolean;
  readonly serves: boolean;
  /** Why it does not serve, in one sentence. */
  readonly whyNot?: string;
  /** Inside its container. */
  readonly ports?: readonly { readonly port: number; readonly protocol: 'tcp' | 'udp' }[];
  /** Where balancers reach it, as its revision says; absent: as the route says. */
  readonly routePort?: number;
}

/** The endpoint of an instance; undefined when it is not there, or its node has not said where. */
export function endpointOf(records: Records, instance: string): Endpoint | undefined {
  const entry = records.get('Instance', instance);
  const report = entry === undefined ? undefined : records.get('Report', instance)?.body;
  if (entry === undefined || report?.node !== entry.body.node) return undefined;
  const spec = records.get('Service', serviceRevisionName(entry.body.service, entry.body.revision))?.body.spec;
  const address = addressOf(entry, report, spec, records);
  if (address === undefined) return undefined;
  const whyNot = whyNotServing(entry, report, records);
  const ports = portsOf(spec);
  return {
    instance,
    address,
    node: entry.body.node,
    isExposed: isExposed(entry.body.service, records),
    serves: whyNot === undefined,
    ...(whyNot === undefined ? {} : { whyNot }),
    ...(ports.length === 0 ? {} : { ports }),
    ...(spec?.route === undefined ? {} : { routePort: spec.route.port }),
  };
}

/** Every endpoint of the grid, in the order of names. */
export const endpointsOf = (records: Records): readonly Endpoint[] => records.list('Instance').flatMap(({ name }) => endpointOf(records, name) ?? []);

/** The instances whose endpoints may be others, come or gone when a record changed. Too many is harmless, too few is a fault. */
export const endpointsTouchedBy = (records: Records, { kind, name }: { readonly kind: Kind; readonly name: string }): readonly string[] => TOUCHES[kind]?.(name, records) ?? [];

type Touch = (name: string, records: Records) => readonly string[];

const itself: Touch = (name) => [name];
const allOnNode: Touch = (name, records) => namesOf(records.instancesOn(name));

const TOUCHES: { readonly [K in Kind]?: Touch } = {
  Instance: itself,
  Report: itself,
  Node: allOnNode,
  Health: allOnNode,
  Lease: allOnNode,
  Service: (name, records) => {
    const id = parseServiceRevision(name);
    return id === undefined ? [] : namesOf(records.instancesOf(id.service).filter(({ body }) => body.revision === id.revision));
  },
  Stack: (name, records) => namesOf(records.list('Instance', `${name}/`)),
};

const namesOf = (entries: readonly Entry[]): readonly string[] => entries.map(({ name }) => name);

/** One with the node's own network is reached at the node; any other where its node says, which must be in the node's own part. */
function addressOf({ body }: Entry<'Instance'>, report: ReportBody, spec: ServiceSpec | undefined, records: Records): string | undefined {
  const part = partOf(body.node, records);
  if (part === undefined) return undefined;
  if (spec?.network === 'host') return firstHost(part);
  const address = report.address === undefined ? undefined : parseAddress(report.address);
  return address !== undefined && hasAddress(part, address) ? report.address : undefined;
}

function partOf(node: string, records: Records): Subnet | undefined {
  const subnet = records.get('Node', node) === undefined ? undefined : records.get('Lease', node)?.body.subnet;
  return subnet === undefined ? undefined : parseSubnet(subnet);
}

function isExposed(service: string, records: Records): boolean {
  const slash = service.indexOf('/');
  return records.get('Stack', service.slice(0, slash))?.body.spec.expose === service.slice(slash + 1);
}

const PHASES: Readonly<Record<Exclude<InstancePhase, 'running'>, string>> = {
  pending: 'it waits',
  pulling: 'its image is being pulled',
  creating: 'its container is being made',
  starting: 'it is starting',
  stopping: 'it is stopping',
  stopped: 'it has stopped',
  failed: 'it failed',
};

/** Why nobody should be sent to an instance; undefined when it serves. */
function whyNotServing({ body }: Entry<'Instance'>, { phase, health, reason }: ReportBody, records: Records): string | undefined {
  if (records.get('Health', body.node)?.body.phase === 'offline') return `its node ${body.node} is offline`;
  if (body.wanted === 'stopped') return 'it is to stop';
  const because = reason === undefined ? '' : `: ${causeOf(reason)}`;
  if (phase !== 'running') return `${PHASES[phase]}${because}`;
  if (health === 'starting') return 'its health is not known yet';
  return health === 'unhealthy' ? `it is unhealthy${because}` : undefined;
}

/** Where it listens, as far as it is declared. */
function portsOf(spec: ServiceSpec | undefined): NonNullable<Endpoint['ports']> {
  const ports = new Map((spec?.ports ?? []).map(({ containerPort, protocol }) => [`${containerPort}/${protocol}`, { port: containerPort, protocol }]));
  return [...ports.values()];
}
