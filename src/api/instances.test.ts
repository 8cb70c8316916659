import { describe, expect, test } from '@jest/globals';
import type { NodeQuestion } from '../model/index.js';
import type { Nodes, Store } from '../ports/index.js';
import { world } from '../testing/world.js';
import { instanceCalls } from './instances.js';

const signal = new AbortController().signal;

describe('the last checks of an instance', () => {
  const asked: string[] = [];
  const given = world().with('Grid', 'default', { defaultAffinity: [] }).node('n1').node('n2').instance('todo/web.1@4', 'n1').instance('todo/web.2@5', 'n2');
  const nodes = {
    ask: ({ name }: { readonly name: string }, question: NodeQuestion) => {
      asked.push(`${name} ${JSON.stringify(question)}`);
      return Promise.resolve({ answers: [] });
    },
  } as unknown as Nodes;
  const calls = instanceCalls({ store: { view: () => given } as unknown as Store, nodes, clock: undefined as never, random: undefined as never, statistics: undefined as never }, { name: 'ada' });

  test.each([['todo/web.2', 'n2', 'todo/web.2@5'], ['instance/todo/web.1@4', 'n1', 'todo/web.1@4']])('of %s are asked of its node', async (typed, node, instance) => {
    asked.length = 0;
    expect(await calls.checks('default', typed, signal)).toEqual({ answers: [] });
    expect(asked).toEqual([`${node} {"kind":"checks","instance":"${instance}"}`]);
  });

  test('of what is not there are refused', async () => {
    await expect(calls.checks('default', 'todo/wbe.1', signal)).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  });
});
