import { expect, test } from '@jest/globals';
import type { NodeStatistics, Usage } from '../../model/index.js';
import { world } from '../../testing/world.js';
import { ofItsOwn } from './own-statistics.js';

const USAGE: Usage = { cpuSeconds: 1, memoryBytes: 2, memoryLimitBytes: 3, disk: { in: 0, out: 0 } };

test('what a node says of instances that are not its own is not believed', () => {
  const view = world().node('n1').node('n2').instance('todo/web.1@4', 'n1').instance('todo/web.2@5', 'n2');
  const said: NodeStatistics = { node: { ...USAGE, cpus: 1, load: [0, 0, 0], diskBytes: 0, diskUsedBytes: 0 }, instances: { 'todo/web.1@4': USAGE, 'todo/web.2@5': USAGE, 'todo/web.3@6': USAGE } };
  expect(ofItsOwn(view, 'n1', said)).toEqual({ node: said.node, instances: { 'todo/web.1@4': USAGE } });
});
