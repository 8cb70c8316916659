import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type EngineVolume, KontenaError } from '../model/index.js';
import { collect, openApi, type OpenedApi } from '../testing/opened-api.js';
import { serviceSpec } from '../testing/world.js';

const GRID = 'default';
const signal = new AbortController().signal;
const own = (slot: number, over: Partial<EngineVolume> = {}): EngineVolume => ({ name: `todo.db.data-${String(slot)}`, driver: 'local', driverOpts: {}, volume: 'data', slot: `todo/db.${String(slot)}`, ...over });
const shared: EngineVolume = { name: 'todo.cache', driver: 'local', driverOpts: {}, volume: 'cache' };

/** What the nodes have; undefined: the node is away. */
let nodes: Record<string, readonly EngineVolume[] | undefined>;
let written: string[];
let api: OpenedApi;
beforeEach(async () => {
  nodes = { n1: [own(1), shared], n2: [own(2), shared, own(1)] };
  written = [];
  const reach = (name: string): readonly EngineVolume[] => {
    const there = nodes[name];
    if (there === undefined) throw new KontenaError('KON_NODE_UNREACHABLE', `the agent of node ${name} is not connected`);
    return there;
  };
  api = await openApi(undefined, {
    ask: async ({ name }) => reach(name) as never,
    async *readVolume({ name }, volume) {
      yield Buffer.from(`${volume} of ${name}`);
    },
    writeVolume: async ({ name }, volume, tar) => {
      for await (const piece of tar) written.push(`${volume.name} of ${name}: ${Buffer.from(piece).toString()}`);
    },
  });
  for (const [index, name] of ['n1', 'n2'].entries()) await api.write('Node', name, { number: index + 1, labels: [], availability: 'active', keyFingerprint: '' });
  await api.write('Binding', 'todo/db.1', { node: 'n1', volumes: ['data'] });
  await api.write('Volume', 'data', { scope: 'instance', driver: 'local', driverOpts: {} });
  await api.write('Volume', 'cache', { scope: 'stack', driver: 'local', driverOpts: {} });
});
afterEach(() => api.close());

const read = async (name: string, over: { node?: string; isLive?: boolean } = {}): Promise<string> => Buffer.concat(await collect(api.control.volumes.read(GRID, { name, isLive: false, ...over }, signal))).toString();
const write = async (name: string, text: string): Promise<void> => {
  const target = api.control.volumes.write(GRID, { name }, signal);
  await target.send(Buffer.from(text));
  target.end();
  await collect(target.received());
};
const running = async (slot: number, volume: string): Promise<void> => {
  await api.write('Service', 'todo/db@3', { isCurrent: true, spec: serviceSpec({ volumes: [{ type: 'volume', source: volume, path: '/data', flags: [] }] }) });
  await api.write('Instance', `todo/db.${String(slot)}@4`, { service: 'todo/db', slot, revision: 3, node: `n${String(slot)}`, wanted: 'running', reserves: { cpus: 0, memoryBytes: 0, ports: [] } });
};

describe('which volume is meant', () => {
  test.each([['data.1', 'todo.db.data-1 of n1'], ['volume/data.2', 'todo.db.data-2 of n2'], ['todo/db.2', 'todo.db.data-2 of n2'], ['todo.db.data-1', 'todo.db.data-1 of n1']])('%s', async (name, expected) => {
    expect(await read(name)).toBe(expected);
  });

  test('what a slot left elsewhere is meant only where that node is named', async () => {
    expect(await read('data.1', { node: 'n2' })).toBe('todo.db.data-1 of n2');
  });

  test.each<[string, object, string, string]>([
    ['data', {}, 'KON_INVALID', 'data is several volumes: todo.db.data-1 of n1, todo.db.data-2 of n2; name one of them, and its node with --node where they are called the same'],
    ['cache', {}, 'KON_INVALID', 'cache is several volumes: todo.cache of n1, todo.cache of n2'],
    ['dat', {}, 'KON_NOT_FOUND', 'there is no volume dat in grid default; did you mean data?'],
    ['data.1', { node: 'n3' }, 'KON_NOT_FOUND', 'there is no node n3'],
  ])('%s %j is refused: %s', async (name, over, code, message) => {
    await expect(read(name, over)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('nobody knows while the node that has it is away', async () => {
    nodes.n1 = undefined;
    await expect(read('data.1')).rejects.toMatchObject({ code: 'KON_NODE_UNREACHABLE', message: 'no node that is connected has the volume data.1: the agent of node n1 is not connected' });
    expect(await read('cache')).toBe('todo.cache of n2');
  });
});

describe('while an instance mounts it', () => {
  test('it is read only where asked to, and never written', async () => {
    await running(1, 'data');
    await expect(read('data.1')).rejects.toMatchObject({ code: 'KON_VOLUME_IN_USE', message: expect.stringContaining('volume todo.db.data-1 of n1 is mounted by todo/db.1@4') });
    expect(await read('data.1', { isLive: true })).toBe('todo.db.data-1 of n1');
    await expect(write('data.1', 'a tar')).rejects.toMatchObject({ code: 'KON_VOLUME_IN_USE' });
    await expect(read('cache', { node: 'n1' })).resolves.toBe('todo.cache of n1');
    expect(written).toEqual([]);
  });

  test('of a whole stack, any of its instances on that node does', async () => {
    await running(2, 'cache');
    await expect(read('cache', { node: 'n2' })).rejects.toMatchObject({ code: 'KON_VOLUME_IN_USE' });
    await expect(read('cache', { node: 'n1' })).resolves.toBe('todo.cache of n1');
  });
});

test('a tar goes to the node that has it', async () => {
  await write('data.1', 'a tar');
  expect(written).toEqual(['todo.db.data-1 of n1: a tar']);
});

test.each<[Partial<EngineVolume>, string]>([
  [{ driver: 'sshfs' }, 'the driver sshfs says where'],
  [{ driverOpts: { type: 'nfs', device: ':/x' } }, 'an option of its driver (type, device) says where'],
])('what others store is not replaced: %j', async (over, message) => {
  nodes.n1 = [own(1, over)];
  await expect(write('data.1', 'a tar')).rejects.toMatchObject({ code: 'KON_INVALID', message: expect.stringContaining(message) });
  expect(await read('data.1')).toBe('todo.db.data-1 of n1');
});
