import { beforeEach, describe, expect, test } from '@jest/globals';
import { EMPTY_HISTOGRAM, type Histogram, KontenaError, type NodeQuestion, withLength } from '../model/index.js';
import type { NetworkCalls, Nodes, Store } from '../ports/index.js';
import { collect } from '../testing/opened-api.js';
import { world, type World } from '../testing/world.js';
import { networkCalls } from './network.js';

const signal = new AbortController().signal;
const store = { view: () => given } as unknown as Store;

let given: World;
let asked: string[];
let served: Histogram;
let meant: object;
let network: NetworkCalls;

beforeEach(() => {
  asked = [];
  served = EMPTY_HISTOGRAM;
  meant = { from: 'n2' };
  given = world().with('Grid', 'default', { defaultAffinity: [] }).node('n1').node('n2').with('Pulse', 'n2', { state: 'heard', since: 0 as never });
  const nodes: Pick<Nodes, 'ask' | 'served'> = {
    ask: ({ name }: { readonly name: string }, question: NodeQuestion) => {
      asked.push(`${name} ${JSON.stringify(question)}`);
      if (name === 'n1') return Promise.reject(new KontenaError('KON_NODE_UNREACHABLE', 'the agent of node n1 is not connected'));
      return Promise.resolve((question.kind === 'lookup' ? meant : { from: name }) as never);
    },
    served: () => served,
  };
  network = networkCalls({ store, nodes });
});

describe('the networks of nodes', () => {
  test('are asked of all, and one that is away is said to be', async () => {
    served = [3, 20, 400].reduce(withLength, EMPTY_HISTOGRAM);
    expect(await collect(network.status('default', { isProbed: false }, signal))).toEqual([
      { type: 'unreachable', node: 'n1', reason: 'the agent of node n1 is not connected' }, { type: 'node', node: 'n2', network: { from: 'n2' } }, { type: 'served', count: 3, medianMs: 25, p99Ms: 500 },
    ]);
  });

  test('are asked of one, by its name; none has served a change yet', async () => {
    expect(await collect(network.status('default', { node: 'node/n2', isProbed: true }, signal))).toEqual([{ type: 'node', node: 'n2', network: { from: 'n2' } }, { type: 'served', count: 0 }]);
    expect(asked).toEqual(['n2 {"kind":"network","isProbed":true}']);
    await expect(collect(network.status('default', { node: 'n3', isProbed: false }, signal))).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  });
});

describe('a name', () => {
  test('is asked of the node that is named, else of one that is connected', async () => {
    expect(await network.lookUp('default', { name: 'web.todo' }, signal)).toEqual({ from: 'n2', askedNode: 'n2' });
    await expect(network.lookUp('default', { name: 'web', node: 'n1' }, signal)).rejects.toMatchObject({ code: 'KON_NODE_UNREACHABLE' });
    given.with('Pulse', 'n2', { state: 'silent', since: 0 as never });
    await expect(network.lookUp('default', { name: 'web' }, signal)).rejects.toMatchObject({ code: 'KON_NODE_UNREACHABLE', message: 'no node of grid default is connected' });
  });

  const LACKING = 'grid default has no such name';
  test.each([
    ['wbe.shop', 'did you mean web.shop?'],
    ['web.shpo', 'did you mean web.shop?'],
    ['wbe-2.shop.default.kontena.local', 'did you mean web.shop?'],
    ['nobody.shop', 'stack shop has the services api, web'],
    ['apii', 'did you mean api.shop?'],
    ['shpo', 'did you mean shop?'],
    ['api', 'did you mean api.shop?'],
    ['api.shop', undefined], // it is declared, and has no instance yet
    ['shop', undefined],
    ['www.example.com', undefined],
    ['example.com', undefined],
    ['nothing', undefined],
  ])('that nobody bears, %s, is told what it may have been meant to be: %s', async (name, hint) => {
    given.stack('shop', { web: {}, api: {} });
    for (const kind of ['unknown', 'elsewhere']) {
      meant = { kind, because: LACKING };
      expect((await network.lookUp('default', { name }, signal)).because).toBe(hint === undefined ? LACKING : `${LACKING}; ${hint}`);
    }
    meant = { kind: 'none', because: 'none of the instances behind it serves' };
    expect((await network.lookUp('default', { name }, signal)).because).toBe('none of the instances behind it serves');
  });

  test.each(['', ' ', 'a b', '-web', 'web;ls', '../x', 'x'.repeat(300)])('"%s" is none', async (name) => {
    await expect(network.lookUp('default', { name }, signal)).rejects.toMatchObject({ code: 'KON_INVALID' });
    expect(asked).toEqual([]);
  });
});
