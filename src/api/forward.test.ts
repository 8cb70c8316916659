import { beforeEach, expect, test } from '@jest/globals';
import type { ByteStream, Nodes, Store } from '../ports/index.js';
import { FakeRandom } from '../testing/fake-random.js';
import { world, type World } from '../testing/world.js';
import { forwardPort } from './forward.js';

const NOTHING: ByteStream = { async *received() { /* no bytes */ }, send: () => Promise.resolve(true), end: () => undefined, close: () => undefined };
const signal = new AbortController().signal;

let given: World;
let dialled: string[];
beforeEach(() => {
  dialled = [];
  given = world().with('Grid', 'default', { defaultAffinity: [] }).node('n1').node('n2').stack('todo', { web: {}, db: {} }).service('todo/web@1').service('todo/db@1')
    .instance('todo/web.1@5', 'n1', { phase: 'running' })
    .instance('todo/web.2@6', 'n2', { phase: 'running', health: 'healthy' })
    .instance('todo/web.3@7', 'n2', { phase: 'running', health: 'unhealthy' })
    .instance('todo/web.4@8', 'n2', { phase: 'starting' })
    .instance('todo/web.5@9', 'n2', { phase: 'running', wanted: 'stopped' });
});

function forward(name: string, port = 80): void {
  const store = { view: () => given } as unknown as Store;
  const nodes: Pick<Nodes, 'dial'> = {
    dial: (node, target) => {
      dialled.push(`${node.name} ${target.instance} ${String(target.port)}`);
      return NOTHING;
    },
  };
  forwardPort({ store, nodes, random: new FakeRandom(dialled.length) }, 'default', { name, port }, signal);
}

test('of a service leads to one of its instances that serve, by chance', () => {
  for (let times = 0; times < 40; times += 1) forward('todo/web');
  expect(new Set(dialled)).toEqual(new Set(['n1 todo/web.1@5 80', 'n2 todo/web.2@6 80']));
});

test('of an instance leads there, by its slot too', () => {
  forward('todo/web.1@5');
  forward('todo/web.2', 8080);
  expect(dialled).toEqual(['n1 todo/web.1@5 80', 'n2 todo/web.2@6 8080']);
});

test.each([
  ['todo/db', 80, 'KON_CONFLICT', 'no instance of todo/db serves at the moment'], ['todo/web.3', 80, 'KON_CONFLICT', 'todo/web.3@7 does not serve at the moment'],
  ['todo', 80, 'KON_INVALID', 'todo is a stack'], ['todo/we', 80, 'KON_NOT_FOUND', 'todo/we'], ['todo/web', 0, 'KON_INVALID', '0 is no port'], ['todo/web', 65_536, 'KON_INVALID', 'is no port'],
])('%s %i is refused', (name, port, code, message) => {
  expect(() => forward(name, port)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  expect(dialled).toEqual([]);
});
