import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Instant, NodeStatistics, NodeUsage, Usage } from '../model/index.js';
import { collect, openApi, type OpenedApi } from '../testing/opened-api.js';

const { signal } = new AbortController();
const USAGE: Usage = { cpuSeconds: 1, memoryBytes: 2, memoryLimitBytes: 3, disk: { in: 0, out: 0 } };
const NODE: NodeUsage = { ...USAGE, cpus: 2, load: [0, 0, 0], diskBytes: 0, diskUsedBytes: 0 };
const said = (...instances: readonly string[]): NodeStatistics => ({ node: NODE, instances: Object.fromEntries(instances.map((name) => [name, USAGE])) });

let api: OpenedApi;
beforeEach(async () => {
  api = await openApi();
  for (const node of ['n1', 'n2']) {
    await api.write('Node', node, { number: 1, labels: [], availability: 'active', keyFingerprint: 'k' });
    await api.write('Pulse', node, { state: 'heard', since: api.clock.now() });
  }
  for (const [name, node] of [['todo/web.1@5', 'n1'], ['todo/web.2@5', 'n2'], ['shop/web.1@6', 'n1']] as const) {
    await api.write('Instance', name, { service: name.slice(0, name.indexOf('.')), slot: Number(name.slice(-3, -2)), revision: 4, node, wanted: 'running', reserves: { cpus: 0, memoryBytes: 0, ports: [] } });
  }
  api.statistics.take('default', 'n1', said('todo/web.1@5', 'shop/web.1@6'));
});
afterEach(() => api.close());

const instances = (name?: string, control = api.control) => collect(control.instances.statistics('default', name === undefined ? {} : { name }, signal));

test('are those of the instances that are to run, as old as they are', async () => {
  await api.clock.run(5_000);
  const at = '2026-01-01T00:00:00.000Z';
  expect(await instances()).toEqual([
    { name: 'shop/web.1@6', node: 'n1', usage: USAGE, at, ageMs: 5_000 }, { name: 'todo/web.1@5', node: 'n1', usage: USAGE, at, ageMs: 5_000 }, { name: 'todo/web.2@5', node: 'n2' },
  ]);
  expect(await collect(api.control.nodes.statistics('default', { name: 'n1' }, signal))).toEqual([{ name: 'n1', usage: NODE, at, ageMs: 5_000 }]);
  expect(await collect(api.control.nodes.statistics('default', {}, signal))).toHaveLength(2);
});

test.each([['todo', 2], ['todo/web', 2], ['todo/web.1', 1], ['shop/web', 1]])('of %s are %i', async (name, count) => expect(await instances(name)).toHaveLength(count));

test('of what there is not are refused', async () => {
  await expect(instances('nobody')).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  await expect(collect(api.control.nodes.statistics('default', { name: 'n9' }, signal))).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  await expect(collect(api.control.instances.statistics('nowhere', {}, signal))).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  await expect(collect(api.control.nodes.statistics('default', { since: 'soon' }, signal))).rejects.toMatchObject({ code: 'KON_INVALID' });
});

test('of a node that is silent are shown, and it is said', async () => {
  await api.write('Pulse', 'n1', { state: 'silent', since: api.clock.now(), reason: 'the agent does not answer' });
  await api.clock.run(60_000);
  expect(await instances('todo/web.1')).toMatchObject([{ usage: USAGE, ageMs: 60_000, silence: 'node n1 is silent since 2026-01-01T00:00:00.000Z' }]);
});

test('come with how they fared, if that is asked for', async () => {
  const at = api.clock.now();
  api.statistics.histories.set('default/todo/web.1', { everyMs: 10_000, points: [{ at, cpus: 1, memoryBytes: 2, network: { in: 0, out: 0 }, disk: { in: 0, out: 0 } }] });
  const query = (since: Instant) => collect(api.control.instances.statistics('default', { name: 'todo/web.1', since: new Date(since).toISOString() }, signal));
  expect((await query(at))[0]?.history?.points).toHaveLength(1);
  expect((await query((at + 1) as Instant))[0]?.history?.points).toEqual([]);
});

test('are shown to whoever may see them, of their stacks alone', async () => {
  const role = async (name: string, allow: readonly string[]): Promise<OpenedApi['control']> => {
    await api.control.roles.create({ name, allow, stacks: ['todo'] });
    await api.control.credentials.create({ name: `of-${name}`, lifetimeSeconds: 3_600, role: name, grid: 'default' });
    return api.as({ name: `of-${name}`, keyFingerprint: 'k' });
  };
  const narrowed = await role('todo-team', ['instance.*']);
  expect((await instances(undefined, narrowed)).map(({ name }) => name)).toEqual(['todo/web.1@5', 'todo/web.2@5']);
  expect(await instances('todo', narrowed)).toHaveLength(2);
  await expect((async () => instances('shop', narrowed))()).rejects.toMatchObject({ code: 'KON_FORBIDDEN' });
  await expect((async () => collect(narrowed.nodes.statistics('default', {}, signal)))()).rejects.toMatchObject({ code: 'KON_FORBIDDEN' });
  expect(await instances(undefined, await role('readers', ['stack.list']))).toEqual([]);
});
