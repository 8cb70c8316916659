import { expect, test } from '@jest/globals';
import type { Nodes, Store } from '../ports/index.js';
import { FakeClock } from '../testing/fake-clock.js';
import { world } from '../testing/world.js';
import { nodeCalls } from './nodes.js';

test('A node that is there takes another key', async () => {
  const given = world().with('Grid', 'default', { defaultAffinity: [] }).node('n2');
  const store = { view: () => given } as unknown as Store;
  const nodes = { ask: (at: object, question: object) => Promise.resolve({ at, question }) } as unknown as Nodes;
  const calls = nodeCalls({ store, nodes, clock: new FakeClock(), statistics: undefined as never }, (grid) => ({ writer: 'api', grid }));
  const signal = new AbortController().signal;
  expect(await calls.rotateKeys('default', 'node/n2', signal)).toEqual({ at: { grid: 'default', name: 'n2' }, question: { kind: 'rotate-keys' } });
  await expect(calls.rotateKeys('default', 'n9', signal)).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
});
