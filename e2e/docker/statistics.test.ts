import { createSocket } from 'node:dgram';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { InstanceStatistics, StatisticsOfNode } from '../../src/ports/index.js';
import { type Bed, Cluster, eventually, openBed, start } from './harness/index.js';
import { pushImages } from './images.js';

let bed: Bed;
let cluster: Cluster;

const PATIENCE_MS = 60_000;

beforeAll(async () => {
  bed = await openBed(1);
  const images = await pushImages(bed);
  cluster = await Cluster.start(bed, { args: ['--metrics', masterMetrics()], agentArgs: (engine) => ['--metrics', agentMetrics(engine)] });
  await cluster.apply({ stack: 'todo', services: { web: { image: images.web1, instances: 2 }, busy: { image: images.web1, command: ['/bin/busybox', 'sh', '-c', 'while :; do :; done'], cpus: 0.2, mem_limit: '32m' } } });
}, 120_000);
afterAll(() => bed.close(), 60_000);

const masterMetrics = (): string => `${bed.hostAddress}:9293`;
const agentMetrics = ({ address }: Bed['engines'][number]): string => `${address}:9294`;

const items = async <T>(...words: readonly string[]): Promise<readonly T[]> => (JSON.parse(await cluster.must(['stats', ...words, '-o', 'json'])) as { items: readonly T[] }).items;

test('what instances use is read from the kernel, without a word of the engine', async () => {
  const told = await eventually('all three have rates', async () => {
    const all = await items<InstanceStatistics>('todo');
    return all.length === 3 && all.every(({ usage }) => usage?.rates !== undefined && usage.memoryBytes > 0) ? all : undefined;
  }, PATIENCE_MS);
  const busy = await eventually('a program that never rests uses what it may', async () => {
    const [one] = await items<InstanceStatistics>('todo/busy');
    return (one?.usage?.rates?.cpus ?? 0) > 0.05 ? one : undefined;
  }, PATIENCE_MS);
  expect(busy.usage?.rates?.cpus).toBeLessThan(0.4);
  expect(busy.usage?.memoryLimitBytes).toBe(32 * 1024 * 1024);
  expect(told.map(({ name }) => name.split('@')[0])).toEqual(['todo/busy.1', 'todo/web.1', 'todo/web.2']);
  expect(told.every(({ usage, silence }) => usage?.network !== undefined && silence === undefined)).toBe(true);
  expect(await cluster.must(['stats', 'todo/busy'])).toMatch(/^INSTANCE +CPU % +MEM USAGE\/LIMIT +MEM % +NET I\/O +DISK I\/O +NODE\ntodo\/busy\.1@\d+ +\d+\.\d% +\S+ \/ 33\.6MB +\d+\.\d% +\S+ \/ \S+ +\S+ \/ \S+ +n1\n$/);
  expect(await cluster.must(['top', '-n', '1'])).toMatch(/^NODE +CPU %[^]*\nn1 [^]*\n\nINSTANCE[^]*\ntodo\/busy\.1@/);
  expect(await cluster.must(['stats', 'todo/busy', '--chart'])).toMatch(/^todo\/busy\.1@\d+: the last 1h by 1m\n {2}CPU +.*now \d+\.\d%/);
}, 180_000);

test('what the node uses', async () => {
  const [node] = await items<StatisticsOfNode>('nodes');
  expect(node?.usage).toMatchObject({ cpus: expect.any(Number), memoryLimitBytes: expect.any(Number), diskBytes: expect.any(Number) });
  expect([(node?.usage?.memoryBytes ?? 0) > 0, (node?.usage?.diskUsedBytes ?? 0) > 0]).toEqual([true, true]);
}, 60_000);

test('Prometheus reads the master and the agent, and has what the dashboard asks for', async () => {
  const settings = join(bed.directory, 'prometheus.yml');
  const targets = [masterMetrics(), ...bed.engines.map(agentMetrics)];
  writeFileSync(settings, JSON.stringify({ scrape_configs: [{ job_name: 'kontena', scrape_interval: '1s', scrape_timeout: '1s', static_configs: [{ targets }] }] }));
  const address = `${bed.hostAddress}:9090`;
  start('prometheus', [`--config.file=${settings}`, `--storage.tsdb.path=${join(bed.directory, 'prometheus')}`, `--web.listen-address=${address}`], join(bed.directory, 'prometheus.log'));
  const ask = async (query: string): Promise<readonly { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] }[]> => {
    const response = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(query)}`).catch(() => undefined);
    const answer = response === undefined ? undefined : await response.json() as { status: string; error?: string; data?: { result: Awaited<ReturnType<typeof ask>> } };
    if (answer?.status === 'error') throw new Error(`${query}: ${String(answer.error)}`);
    return answer?.data?.result ?? [];
  };
  await eventually('both are read', async () => ((await ask('up == 1')).length === targets.length ? true : undefined), PATIENCE_MS);
  const slots = await eventually('the slots are there', async () => {
    const found = await ask('kontena_instance_memory_bytes{stack="todo"}');
    return found.length === 3 ? found : undefined;
  }, PATIENCE_MS);
  expect(slots.map(({ metric: { grid, node, service, slot } }) => [grid, node, service, slot].join(' ')).sort()).toEqual(['default n1 busy 1', 'default n1 web 1', 'default n1 web 2']);
  expect((await ask('kontena_instances_running{stack="todo",service="web"}'))[0]?.value[1]).toBe('2');
  expect((await ask('kontena_agents_connected'))[0]?.value[1]).toBe('1');
  expect((await ask('sum(kontena_store_commit_seconds_count)')).length).toBe(1);
  const dashboard = readFileSync('examples/grafana/kontena.json', 'utf8');
  const queries = [...dashboard.matchAll(/"expr": "((?:[^"\\]|\\.)*)"/g)].map(([, text]) => (JSON.parse(`"${text ?? ''}"`) as string).replaceAll(/\$\w+/g, '.*'));
  expect(queries.length).toBeGreaterThan(15);
  expect(await Promise.all(queries.map(ask))).toHaveLength(queries.length); // Prometheus understands each
  expect(await ask(queries.find((query) => query.startsWith('kontena_instance_memory_bytes')) ?? '')).not.toEqual([]);
}, 180_000);

test('statsd hears of it while it is declared', async () => {
  const server = createSocket('udp4');
  const heard = new Set<string>();
  server.on('message', (bytes) => bytes.toString().split('\n').forEach((line) => heard.add(line.split(':')[0] ?? '')));
  await new Promise<void>((resolve) => server.bind(0, bed.hostAddress, resolve));
  try {
    await cluster.must(['grid', 'update', 'default', '--statsd', `${bed.hostAddress}:${String(server.address().port)}`]);
    await eventually('gauges of the node and its instances come', () => (heard.has('default.n1.memory.used') && heard.has('default.services.todo.web.2.cpu.percent') ? true : undefined), PATIENCE_MS);
    expect(await cluster.must(['get', 'grids', '-o', 'json'])).toContain(`"statsd": "${bed.hostAddress}:`);
    await cluster.must(['grid', 'update', 'default', '--no-statsd']);
  } finally {
    server.close();
  }
}, 120_000);

test('a node that is silent says so, with the age of what is shown', async () => {
  await cluster.killAgent(bed.engines[0]!);
  const told = await eventually('it is known to be silent', async () => {
    const { stdout, stderr } = await cluster.ctl(['stats', 'todo/web']);
    return stderr.includes('silent') ? { stdout, stderr } : undefined;
  }, PATIENCE_MS);
  expect(told.stderr).toMatch(/^node n1 is silent since .*: what is shown of it is \d+[sm] old\n$/);
  expect(told.stdout).toMatch(/todo\/web\.1@\d+ +\d+\.\d%/);
}, 120_000);
