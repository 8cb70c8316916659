import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Instant, type InstanceReport, type NodeStatistics, put, type Usage, withLength, EMPTY_HISTOGRAM } from '../model/index.js';
import { type OpenedApi, openApi, stackSpec } from '../testing/opened-api.js';
import { agentMetrics, Durations, masterMetrics, serveMetrics } from './index.js';

const USAGE: Usage = { cpuSeconds: 12.5, memoryBytes: 100, memoryLimitBytes: 400, network: { in: 1, out: 2 }, disk: { in: 3, out: 4 } };
const { network, ...ON_HOST } = USAGE;
const SAID: NodeStatistics = { node: { ...USAGE, cpus: 2, load: [0.5, 0.25, 0], diskBytes: 7, diskUsedBytes: 6 }, instances: { 'todo/web.1@5': USAGE, 'todo/web.2@6': ON_HOST } };
const REPORT: InstanceReport = { name: 'todo/web.1@5', isGone: false, report: { phase: 'running', since: 0 as Instant, restarts: 3, health: 'healthy' } };

let api: OpenedApi;
let served: Awaited<ReturnType<typeof serveMetrics>> | undefined;
let durations: Durations;

beforeEach(async () => {
  api = await openApi();
  durations = new Durations();
});
afterEach(async () => {
  await served?.close();
  await api.close();
});

const master = () => masterMetrics({ store: api.store, nodes: { served: () => withLength(withLength(EMPTY_HISTOGRAM, 4), 40) }, version: '1.2.3' });
const agent = (over: { readonly statistics?: NodeStatistics | undefined } = { statistics: SAID }) =>
  agentMetrics({ node: { grid: 'g', name: 'n1' }, version: '1.2.3', statistics: () => over.statistics, instances: () => [REPORT], drops: () => Promise.resolve({ spoofed: 5 }) });

const ask = (port: number, path = '/metrics', method = 'GET'): Promise<{ readonly status: number | undefined; readonly text: string }> => new Promise((resolve, reject) => {
  get({ host: '127.0.0.1', port, path, method }, (response) => {
    let text = '';
    response.on('data', (part: Buffer) => void (text += part.toString())).on('end', () => resolve({ status: response.statusCode, text }));
  }).on('error', reject);
});

async function told(metrics: ReturnType<typeof agent>): Promise<readonly string[]> {
  served = await serveMetrics({ host: '127.0.0.1', port: 0, metrics, histograms: durations.all });
  return (await ask(served.port)).text.split('\n');
}

test('an agent tells of its node and of slots, and of what is absent nothing', async () => {
  const lines = await told(agent());
  expect(lines).toEqual(expect.arrayContaining([
    '# TYPE kontena_node_cpu_seconds_total counter', 'kontena_node_cpu_seconds_total{grid="g",node="n1"} 12.5', 'kontena_node_load1{grid="g",node="n1"} 0.5', 'kontena_node_filesystem_used_bytes{grid="g",node="n1"} 6',
    '# TYPE kontena_instance_memory_bytes gauge', 'kontena_instance_memory_bytes{grid="g",node="n1",stack="todo",service="web",slot="2"} 100',
    'kontena_instance_network_sent_bytes_total{grid="g",node="n1",stack="todo",service="web",slot="1"} 2', 'kontena_instance_restarts_total{grid="g",node="n1",stack="todo",service="web",slot="1"} 3',
    'kontena_instance_healthy{grid="g",node="n1",stack="todo",service="web",slot="1"} 1', 'kontena_packets_dropped_total{grid="g",node="n1",reason="spoofed"} 5',
  ]));
  expect(network?.in).toBe(1);
  expect(lines.filter((line) => line.startsWith('kontena_instance_network_sent_bytes_total{'))).toHaveLength(1);
  expect(lines.some((line) => line.startsWith('process_resident_memory_bytes '))).toBe(true);
});

test('an agent that has read nothing yet says nothing of it', async () => {
  const lines = await told(agent({ statistics: undefined }));
  expect(lines.some((line) => line.startsWith('kontena_node_') || line.startsWith('kontena_instance_memory'))).toBe(false);
  expect(lines).toContain('kontena_agent_info{grid="g",node="n1",version="1.2.3"} 1');
});

test('a master tells of its grids, and counts in buckets', async () => {
  await api.control.stacks.apply({ grid: 'default', stack: stackSpec('todo'), dryRun: false });
  await api.write('Node', 'n1', { number: 1, labels: [], availability: 'active', keyFingerprint: 'k' });
  await api.write('Pulse', 'n1', { state: 'heard', since: api.clock.now() });
  for (const name of ['todo/web.1@9', 'todo/web.2@9']) await api.write('Instance', name, { service: 'todo/web', slot: Number(name[9]), revision: 9, node: 'n1', wanted: 'running', reserves: { cpus: 0, memoryBytes: 0, ports: [] } });
  await api.write('Report', 'todo/web.1@9', { node: 'n1', since: api.clock.now(), restarts: 0, phase: 'running' });
  await api.write('Placement', 'todo/web', { slots: [3], reason: 'no node fits', refusals: [] });
  expect(await told(master())).toEqual(expect.arrayContaining([
    'kontena_agents_connected{grid="default"} 1', 'kontena_nodes{grid="default",phase="created"} 1',
    'kontena_instances_wanted{grid="default",stack="todo",service="web"} 2', 'kontena_instances_running{grid="default",stack="todo",service="web"} 1', 'kontena_slots_pending{grid="default",stack="todo",service="web"} 1',
    `kontena_store_revision ${String(api.store.revision)}`, '# TYPE kontena_endpoint_served_seconds histogram',
    'kontena_endpoint_served_seconds_bucket{grid="default",le="0.005"} 1', 'kontena_endpoint_served_seconds_bucket{grid="default",le="0.05"} 2', 'kontena_endpoint_served_seconds_bucket{grid="default",le="+Inf"} 2', 'kontena_endpoint_served_seconds_count{grid="default"} 2',
  ]));
});

test('thinking and commits are measured, and what changes nothing is no commit', async () => {
  const store = durations.ofStore(api.store);
  await store.update({ writer: 'api', grid: 'default' }, () => ({ steps: [] }));
  await store.update({ writer: 'api', grid: 'default' }, () => ({ steps: [put('Token', 'a', { secretHash: 's', expiresAt: 0 as Instant, labels: [], uses: 1, used: 0 }, 'made')] }));
  expect([store.view('default').get('Token', 'a')?.body.uses, store.revision, store.grids()]).toEqual([1, api.store.revision, ['default']]);
  const controller = durations.ofController({ name: 'stack', watches: {}, subjects: () => [], plan: (subject) => ({ steps: [], ...(subject === 'x' ? { wakeAt: 5 as Instant } : {}) }) });
  expect(controller.plan('x', store.view('default'), 0 as Instant)).toEqual({ steps: [], wakeAt: 5 });
  const lines = await told([]);
  expect(lines).toEqual(expect.arrayContaining(['kontena_store_commit_seconds_count{writer="api"} 1', 'kontena_reconcile_seconds_count{controller="stack"} 1', 'kontena_reconcile_seconds_bucket{le="+Inf",controller="stack"} 1']));
});

test('nothing else is there, and what cannot be looked at is said', async () => {
  served = await serveMetrics({ host: '127.0.0.1', port: 0, metrics: [{ name: 'kontena_broken', help: 'h', type: 'gauge', values: () => Promise.reject(new Error('no filter')) }] });
  expect((await ask(served.port, '/')).status).toBe(404);
  expect((await ask(served.port, '/metrics', 'POST')).status).toBe(405);
  expect(await ask(served.port)).toEqual({ status: 500, text: 'no filter\n' });
  await expect(serveMetrics({ host: '127.0.0.1', port: served.port, metrics: [] })).rejects.toMatchObject({ code: 'KON_ADDRESS_UNUSABLE', message: expect.stringContaining(`127.0.0.1:${String(served.port)}`) });
});

/** Names of our metrics in a text, of histograms without the words that Prometheus adds. */
const namesIn = (text: string): ReadonlySet<string> => new Set([...text.matchAll(/kontena_[a-z0-9_]+/g)].map(([name]) => name.replace(/_seconds_(bucket|sum|count)$/, '_seconds')));

test('the document names every metric and no other, the dashboard none that there is not', () => {
  const own = new Set([...master(), ...agent()].map(({ name }) => name).concat('kontena_store_commit_seconds', 'kontena_reconcile_seconds'));
  expect([...namesIn(readFileSync('docs/metrics.md', 'utf8'))].sort()).toEqual([...own].sort());
  const dashboard = readFileSync('examples/grafana/kontena.json', 'utf8');
  expect([...namesIn(dashboard)].filter((name) => !own.has(name))).toEqual([]);
  expect(namesIn(dashboard).size).toBeGreaterThan(15);
});
