import { bucketsOf, type Histogram, type InstancePhase, parseService } from '../model/index.js';
import type { Nodes, Store, View } from '../ports/index.js';
import { type Metric, metric, type Value } from './metric.js';

export interface MasterSource {
  readonly store: Store;
  readonly nodes: Pick<Nodes, 'served'>;
  readonly version: string;
}

/** What a master tells of itself and of its grids. */
export function masterMetrics({ store, nodes, version }: MasterSource): readonly Metric[] {
  const views = (): readonly View[] => store.grids().map((grid) => store.view(grid));
  const ofEach = (values: (view: View) => readonly Value[]) => (): readonly Value[] => views().flatMap(values);
  return [
    metric('gauge', 'kontena_master_info', 'Always 1: which master this is.', () => [{ labels: { version, cluster: store.identity.cluster, epoch: String(store.identity.epoch) }, value: 1 }]),
    metric('gauge', 'kontena_store_revision', 'The newest revision that is on disk.', () => [{ labels: {}, value: store.revision }]),
    metric('gauge', 'kontena_agents_connected', 'Agents that are heard.', ofEach((view) => [{ labels: { grid: view.grid }, value: view.list('Pulse').filter(({ body }) => body.state === 'heard').length }])),
    metric('gauge', 'kontena_nodes', 'Nodes of a grid, by the phase of their life.', ofEach(nodesOf)),
    metric('gauge', 'kontena_instances_wanted', 'Instances of a service that are to run.', ofEach((view) => ofServices(view, ({ body }) => body.wanted === 'running'))),
    metric('gauge', 'kontena_instances_running', 'Instances of a service that are to run, and do.', ofEach((view) => ofServices(view, ({ name, body }) => body.wanted === 'running' && isIn('running', name, view)))),
    metric('gauge', 'kontena_slots_pending', 'Slots of a service for which there is no node.', ofEach(pendingOf)),
    {
      type: 'histogram', name: 'kontena_endpoint_served_seconds', help: 'How long it took from a change of where instances are reached until a node served it.',
      values: () => store.grids().flatMap((grid) => histogramOf('kontena_endpoint_served_seconds', { grid }, nodes.served(grid))),
    },
  ];
}

function nodesOf(view: View): readonly Value[] {
  const counts = new Map<string, number>();
  for (const { name } of view.list('Node')) {
    const phase = view.get('Health', name)?.body.phase ?? 'created';
    counts.set(phase, (counts.get(phase) ?? 0) + 1);
  }
  return [...counts].map(([phase, value]) => ({ labels: { grid: view.grid, phase }, value }));
}

const isIn = (phase: InstancePhase, instance: string, view: View): boolean => view.get('Report', instance)?.body.phase === phase;

/** Every service that has instances, with how many of them are meant. */
function ofServices(view: View, isMeant: (entry: ReturnType<typeof instancesIn>[number]) => boolean): readonly Value[] {
  const counts = new Map<string, number>();
  for (const entry of instancesIn(view)) counts.set(entry.body.service, (counts.get(entry.body.service) ?? 0) + (isMeant(entry) ? 1 : 0));
  return [...counts].map(([service, value]) => ({ labels: { grid: view.grid, ...labelsOf(service) }, value }));
}

const instancesIn = (view: View) => view.list('Instance');

const pendingOf = (view: View): readonly Value[] => view.list('Placement').map(({ name, body }) => ({ labels: { grid: view.grid, ...labelsOf(name) }, value: body.slots.length }));

/** `todo/web` in its two words. */
function labelsOf(service: string): Readonly<Record<'stack' | 'service', string>> {
  const id = parseService(service);
  return { stack: id?.stack ?? '', service: id?.service ?? service };
}

/** As Prometheus counts: each bucket holds all that was not longer. The sum is not known, and so there is none. */
function histogramOf(name: string, labels: Readonly<Record<string, string>>, histogram: Histogram): readonly Value[] {
  let count = 0;
  const buckets = bucketsOf(histogram).map(({ upToMs, count: more }) => {
    count += more;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: upToMs === Infinity ? '+Inf' : String(upToMs / 1000) }, value: count };
  });
  return [...buckets, { metricName: `${name}_count`, labels, value: count }];
}
