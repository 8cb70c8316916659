import { type InstanceReport, type NodeStatistics, parseInstance, type Traffic, type Usage } from '../model/index.js';
import { type Metric, metric, type Value } from './metric.js';

/** What an agent can be asked of its node. */
export interface AgentSource {
  readonly node: { readonly grid: string; readonly name: string };
  readonly version: string;
  readonly statistics: () => NodeStatistics | undefined;
  /** Of what is there, or is to be. */
  readonly instances: () => readonly InstanceReport[];
  /** Packets that the node's filter kept out, by reason. */
  readonly drops: () => Promise<Readonly<Record<string, number>>>;
}

/** What an agent tells of its node and of what runs there. */
export function agentMetrics(source: AgentSource): readonly Metric[] {
  const labels = { grid: source.node.grid, node: source.node.name };
  return [
    metric('gauge', 'kontena_agent_info', 'Always 1: which agent this is.', () => [{ labels: { ...labels, version: source.version }, value: 1 }]),
    ...nodeMetrics(labels, source),
    ...instanceMetrics(labels, source),
    metric('counter', 'kontena_instance_restarts_total', 'Times the container of an instance ended and was started again.', () => source.instances().flatMap(({ name, report }) => of(labels, name, report.restarts))),
    metric('gauge', 'kontena_instance_healthy', '1 of an instance that is healthy, 0 of one that is not; of those alone that have a health check.', () => source.instances().flatMap(({ name, report }) => (report.health === undefined ? [] : of(labels, name, report.health === 'healthy' ? 1 : 0)))),
    metric('counter', 'kontena_packets_dropped_total', 'Packets that the filter of the node kept out, by reason.', async () => Object.entries(await source.drops()).map(([reason, value]) => ({ labels: { ...labels, reason }, value }))),
  ];
}

type Labels = Readonly<Record<'grid' | 'node', string>>;
type Field<U> = readonly [type: 'counter' | 'gauge', name: string, help: string, value: (usage: U) => number | undefined];

const FIELDS: readonly Field<Usage>[] = [
  ['counter', 'cpu_seconds_total', 'Time of processors that was used.', ({ cpuSeconds }) => cpuSeconds],
  ['gauge', 'memory_bytes', 'Memory that is used, without files that are only kept in case they are read again.', ({ memoryBytes }) => memoryBytes],
  ['gauge', 'memory_limit_bytes', 'Memory that may be used.', ({ memoryLimitBytes }) => memoryLimitBytes],
  ...traffic('network', 'received', 'sent', ({ network }) => network),
  ...traffic('disk', 'read', 'written', ({ disk }) => disk),
];

const NODE_FIELDS: readonly Field<NodeStatistics['node']>[] = [
  ...FIELDS,
  ['gauge', 'cpus', 'Processors.', ({ cpus }) => cpus],
  ['gauge', 'load1', 'How many programs wanted to run in the last minute.', ({ load }) => load[0]],
  ['gauge', 'filesystem_bytes', 'Size of the file system where the engine keeps its data.', ({ diskBytes }) => diskBytes],
  ['gauge', 'filesystem_used_bytes', 'What of it is used.', ({ diskUsedBytes }) => diskUsedBytes],
];

function traffic(what: string, into: string, out: string, read: (usage: Usage) => Traffic | undefined): readonly Field<Usage>[] {
  return [
    ['counter', `${what}_${into}_bytes_total`, `Bytes ${into}.`, (usage) => read(usage)?.in],
    ['counter', `${what}_${out}_bytes_total`, `Bytes ${out}.`, (usage) => read(usage)?.out],
  ];
}

const nodeMetrics = (labels: Labels, { statistics }: AgentSource): readonly Metric[] =>
  NODE_FIELDS.map(([type, name, help, read]) => metric(type, `kontena_node_${name}`, help, () => {
    const said = statistics();
    const value = said === undefined ? undefined : read(said.node);
    return value === undefined ? [] : [{ labels, value }];
  }));

const instanceMetrics = (labels: Labels, { statistics }: AgentSource): readonly Metric[] =>
  FIELDS.map(([type, name, help, read]) => metric(type, `kontena_instance_${name}`, help, () => Object.entries(statistics()?.instances ?? {}).flatMap(([instance, usage]) => {
    const value = read(usage);
    return value === undefined ? [] : of(labels, instance, value);
  })));

/** Of one instance, by what it is part of. Its round is left out: a slot goes on as one line. `instance` is a word that Prometheus uses itself. */
function of(labels: Labels, instance: string, value: number): readonly Value[] {
  const id = parseInstance(instance);
  return id === undefined ? [] : [{ labels: { ...labels, stack: id.stack, service: id.service.slice(id.stack.length + 1), slot: String(id.slot) }, value }];
}
