import type { AnswersSection, AssignedBalancer, Assignments, BalancersSection, ContainersSection, NamesSection, NetworkSection, RegistrySection, ServiceSpec } from '../../model/index.js';
import { NO_ANSWERS, NO_BALANCERS, NO_NETWORK, NO_REGISTRY, VOLUME_SCOPES } from '../../model/index.js';
import type * as wire from '../gen/kontena/v1/node.js';
import { defined, orAbsent } from './plain.js';
import { statisticsSectionFrom, statisticsSectionTo } from './statistics.js';
import { oneOf } from './words.js';

/** Records are frozen and shared: a service is written out once, however many nodes run it. */
const encoded = new WeakMap<ServiceSpec, Buffer>();

function specTo(spec: ServiceSpec): Buffer {
  let bytes = encoded.get(spec);
  if (bytes === undefined) encoded.set(spec, (bytes = Buffer.from(JSON.stringify(spec))));
  return bytes;
}

/** What a node is told, section by section. */
export const assignmentsTo = ({ containers, network, names, balancers, answers, registry, statistics, ...rest }: Assignments): wire.Assignments => ({
  ...rest,
  containers: containersTo(containers),
  network: networkTo(network),
  names: { links: Object.fromEntries(Object.entries(names.links).map(([service, links]) => [service, { services: { ...links } }])) },
  balancers: balancersTo(balancers),
  answers: answersTo(answers),
  registry: registryTo(registry),
  statistics: statisticsSectionTo(statistics),
});

export const assignmentsFrom = ({ containers, network, names, balancers, answers, registry, statistics, ...rest }: wire.Assignments): Assignments => ({
  ...rest,
  containers: containersFrom(containers),
  network: networkFrom(network),
  names: namesFrom(names),
  balancers: balancers === undefined ? NO_BALANCERS : balancersFrom(balancers),
  answers: answers ?? NO_ANSWERS,
  registry: registry === undefined ? NO_REGISTRY : registryFrom(registry),
  statistics: statisticsSectionFrom(statistics),
});

const containersTo = ({ services, instances, secrets, volumes = {}, logins = {} }: ContainersSection): wire.ContainersSection => ({
  secrets: { ...secrets },
  logins: { ...logins },
  volumes: Object.fromEntries(Object.entries(volumes).map(([name, { driverOpts, ...volume }]) => [name, { ...volume, driverOpts: { ...driverOpts } }])),
  services: Object.entries(services).map(([name, spec]) => ({ name, specJson: specTo(spec) })),
  instances: instances.map(({ name, service, wanted, hooksDone = [], drainSeconds }) => ({ name, service, isWanted: wanted === 'running', hooksDone: [...hooksDone], drainSeconds })),
});

const containersFrom = ({ services, instances, secrets, volumes, logins }: wire.ContainersSection = { services: [], instances: [], secrets: {}, volumes: {}, logins: {} }): ContainersSection => ({
  secrets,
  ...(Object.keys(logins).length === 0 ? {} : { logins }),
  volumes: Object.fromEntries(Object.entries(volumes).map(([name, { scope, ...volume }]) => [name, { scope: oneOf('scope', VOLUME_SCOPES, scope), ...volume }])),
  services: Object.fromEntries(services.map(({ name, specJson }) => [name, JSON.parse(specJson.toString()) as ServiceSpec])),
  instances: instances.map(({ name, service, isWanted, hooksDone, drainSeconds }) =>
    defined({ name, service, wanted: isWanted ? 'running' as const : 'stopped' as const, hooksDone: hooksDone.length === 0 ? undefined : hooksDone, drainSeconds })),
});

const networkTo = ({ subnet, lease = '', reason = '', region = '', restricted }: NetworkSection): wire.NetworkSection => ({
  subnet, lease, reason, region, restricted: restricted.map(({ stack, from }) => ({ stack, from: [...from] })),
});

const networkFrom = (section: wire.NetworkSection | undefined): NetworkSection =>
  section === undefined
    ? NO_NETWORK.network
    : defined({ subnet: section.subnet, lease: orAbsent(section.lease), reason: orAbsent(section.reason), region: orAbsent(section.region), restricted: section.restricted });

const namesFrom = (section: wire.NamesSection | undefined): NamesSection => ({
  links: Object.fromEntries(Object.entries(section?.links ?? {}).map(([service, { services }]) => [service, services])),
});

const balancersTo = ({ balancers, secrets, challenges }: BalancersSection): wire.BalancersSection => ({
  balancers: Object.entries(balancers).map(([service, balancer]) => ({ service, balancerJson: Buffer.from(JSON.stringify(balancer)) })),
  secrets: { ...secrets },
  challenges: { ...challenges },
});

const balancersFrom = ({ balancers, secrets, challenges }: wire.BalancersSection): BalancersSection => ({
  balancers: Object.fromEntries(balancers.map(({ service, balancerJson }) => [service, JSON.parse(balancerJson.toString()) as AssignedBalancer])),
  secrets,
  challenges,
});

const answersTo = ({ challenges }: AnswersSection): wire.AnswersSection => ({ challenges: { ...challenges } });

const registryTo = ({ host = '' }: RegistrySection): wire.RegistrySection => ({ host });

const registryFrom = ({ host }: wire.RegistrySection): RegistrySection => defined({ host: orAbsent(host) });
