import { expect, test } from '@jest/globals';
import type { NodeStatistics, Usage } from '../../model/index.js';
import { collect } from '../../testing/opened-api.js';
import { StubControl } from '../../testing/stub-control.js';
import { faredFrom } from '../client/calls/statistics.js';
import { instanceStatisticsTo, statisticsOfNodeTo } from '../server/calls/statistics.js';
import { nodeStatisticsFrom, nodeStatisticsTo, nodeUsageFrom, usageFrom } from './statistics.js';

const { signal } = new AbortController();
const USAGE: Usage = { cpuSeconds: 12.5, memoryBytes: 100, memoryLimitBytes: 400, network: { in: 1, out: 2 }, disk: { in: 3, out: 4 }, rates: { cpus: 0.25, network: { in: 5, out: 6 }, disk: { in: 7, out: 8 } } };
const WITHOUT: Usage = { cpuSeconds: 1, memoryBytes: 2, memoryLimitBytes: 3, disk: { in: 0, out: 0 } };
const SAID: NodeStatistics = { node: { ...USAGE, cpus: 2, load: [0.5, 0.25, 0], diskBytes: 7, diskUsedBytes: 6 }, instances: { 'todo/web.1@2': USAGE, 'todo/web.2@3': WITHOUT } };

test('what a node says goes up with what is absent', () => expect(nodeStatisticsFrom(nodeStatisticsTo(SAID))).toEqual(SAID));

test('numbers that are none count as nothing, and so do those below it', () => {
  const wire = nodeStatisticsTo({ node: { ...SAID.node, cpuSeconds: NaN, memoryBytes: -1, load: [Infinity, 1, 1] }, instances: {} });
  expect(nodeStatisticsFrom(wire).node).toMatchObject({ cpuSeconds: 0, memoryBytes: 0, load: [0, 1, 1], diskBytes: 7 });
  expect(() => nodeStatisticsFrom({ ...wire, node: undefined })).toThrow(expect.objectContaining({ code: 'KON_INVALID' }));
});

test('a flood of instances and long names are cut', () => {
  const instances = Object.fromEntries(Array.from({ length: 6_000 }, (_none, at) => [`${'x'.repeat(300)}${String(at)}`.slice(-300), WITHOUT]));
  const names = Object.keys(nodeStatisticsFrom(nodeStatisticsTo({ node: SAID.node, instances })).instances);
  expect([names.length <= 5_000, names[0]?.length]).toEqual([true, 200]);
});

test('what clients are told arrives as it was said', async () => {
  const control = new StubControl();
  const said = await collect(control.instances.statistics('default', { since: 's' }, signal));
  const told = (await collect(instanceStatisticsTo(control.instances.statistics('default', { since: 's' }, signal)))).map(({ name, node, usage, fared }) => ({ name, node, ...(usage === undefined ? {} : { usage: usageFrom(usage) }), ...faredFrom(fared) }));
  expect(told).toEqual(said);
  const nodes = (await collect(statisticsOfNodeTo(control.nodes.statistics('default', {}, signal)))).map(({ name, usage, held, fared }) => ({ name, usage: nodeUsageFrom(usage, held), ...faredFrom(fared) }));
  expect(nodes).toEqual(await collect(control.nodes.statistics('default', {}, signal)));
});
