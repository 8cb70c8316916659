import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KontenaError, type NodeQuestion } from '../model/index.js';
import { collect, openApi, type OpenedApi, stackSpec } from '../testing/opened-api.js';
import { serviceSpec } from '../testing/world.js';

let api: OpenedApi;
let asked: string[];
beforeEach(async () => {
  asked = [];
  api = await openApi(undefined, { ask: async (node, question) => answer(node, question) as never });
});
afterEach(() => api.close());

/** n1 has two of the volume `data` and one of another; n2 cannot remove its one; n3 is away. */
function answer({ name }: { readonly name: string }, question: NodeQuestion): unknown {
  asked.push(`${name} ${question.kind}`);
  if (name === 'n3') throw new KontenaError('KON_NODE_UNREACHABLE', 'the agent of node n3 is not connected');
  if (question.kind === 'volumes') return ['todo.db.data-1', ...(name === 'n1' ? ['todo.db.data-2', 'other'] : [])].map((one) => ({ name: one, driver: 'local', driverOpts: {}, volume: one === 'other' ? 'other' : 'data' }));
  if (question.kind !== 'remove-volumes') return undefined;
  return name === 'n1' ? { removed: question.names, left: [] } : { removed: [], left: [{ name: 'todo.db.data-1', reason: 'volume is in use' }] };
}

const GRID = 'default';
const signal = new AbortController().signal;
const declare = (name: string, over = {}) => api.control.volumes.declare(GRID, { name, scope: 'instance', driver: 'local', driverOpts: {}, isNew: false, ...over });
const remove = (name: string, withData = false) => api.control.volumes.remove(GRID, name, { withData }, signal);
const mounting = { volumes: [{ type: 'volume', source: 'data', path: '/data', flags: [] }] } as const;
const apply = () => api.control.stacks.apply({ grid: GRID, stack: stackSpec('todo', { db: mounting }), dryRun: false });

describe('a volume', () => {
  test('is declared once, and never changes', async () => {
    expect(await declare('data')).toMatchObject({ name: 'data', isNew: true });
    const { revision } = api.store;
    expect(await declare('data')).toMatchObject({ isNew: false, revision });
    expect(api.store.revision).toBe(revision);
    await expect(declare('data', { isNew: true })).rejects.toMatchObject({ code: 'KON_CONFLICT' });
    await expect(declare('data', { scope: 'grid', driverOpts: { a: 'b' } })).rejects.toMatchObject({ code: 'KON_CONFLICT', message: 'volume data is declared with scope instance, driver local and no options: this does not change, as what is on the nodes would not' });
    expect((await collect(api.control.resources.list({ grid: GRID, kind: 'volume' }))).map(({ name, spec }) => [name, spec])).toEqual([['data', { scope: 'instance', driver: 'local', driverOpts: {} }]]);
  });

  test.each([['a b', {}], ['-a', {}], ['a', { scope: 'node' }], ['a', { driver: '' }], ['a', { driver: 'sshfs:latest' }], ['a', { driverOpts: { '': 'x' } }]])('called %j with %j is refused', async (name, over) => {
    await expect(declare(name, over)).rejects.toMatchObject({ code: 'KON_INVALID' });
  });

  test('must be declared before it is mounted, and is not removed while it is', async () => {
    await expect(apply()).rejects.toMatchObject({
      code: 'KON_STACK_INVALID',
      mistakes: [{ path: 'services.db.volumes[0]', message: 'volume data is not declared in the grid', hint: 'Declare it first: kontenactl volume create data --driver local --scope instance' }],
    });
    await declare('data');
    await apply();
    await expect(remove('data')).rejects.toMatchObject({ code: 'KON_CONFLICT', message: 'volume data cannot be removed: todo/db mounts it' });
    await api.control.resources.remove(GRID, 'stack', 'todo');
    await api.write('Service', 'todo/db@3', { isCurrent: false, spec: serviceSpec(mounting) });
    await api.write('Instance', 'todo/db.1@4', { service: 'todo/db', slot: 1, revision: 3, node: 'n1', wanted: 'stopped', reserves: { cpus: 0, memoryBytes: 0, ports: [] } });
    await expect(remove('volume/data')).rejects.toMatchObject({ code: 'KON_CONFLICT' });
    await api.erase('Instance', 'todo/db.1@4');
    expect(await remove('volume/data')).toMatchObject({ removed: [], left: [] });
    expect(asked).toEqual([]);
    await expect(remove('dta')).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  });

  test('is removed with its data on every node, and what is left is told', async () => {
    for (const [index, name] of ['n1', 'n2', 'n3'].entries()) await api.write('Node', name, { number: index + 1, labels: [], availability: 'active', keyFingerprint: '' });
    await declare('data');
    expect(await remove('data', true)).toMatchObject({
      removed: [{ node: 'n1', name: 'todo.db.data-1' }, { node: 'n1', name: 'todo.db.data-2' }],
      left: [{ node: 'n2', name: 'todo.db.data-1', reason: 'volume is in use' }, { node: 'n3', reason: 'the agent of node n3 is not connected' }],
    });
  });
});
