import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { EngineVolume, TransferBody } from '../model/index.js';
import type { MoveState } from '../ports/index.js';
import { openApi, type OpenedApi } from '../testing/opened-api.js';
import { serviceSpec, type SpecOver } from '../testing/world.js';

const GRID = 'default';
const SLOT = 'todo/db.1';
const signal = new AbortController().signal;

let there: readonly EngineVolume[];
let api: OpenedApi;
beforeEach(async () => {
  there = [{ name: 'todo.db.data-1', driver: 'local', driverOpts: {}, volume: 'data', slot: SLOT }, { name: 'uploads', driver: 'local', driverOpts: {}, volume: 'uploads' }];
  api = await openApi(undefined, { ask: async ({ name }) => (name === 'n1' ? there : []) as never });
  for (const [index, name] of ['n1', 'n2', 'n3'].entries()) await api.write('Node', name, { number: index + 1, labels: [], availability: name === 'n3' ? 'drain' : 'active', keyFingerprint: '' });
  await api.write('Volume', 'data', { scope: 'instance', driver: 'local', driverOpts: {} });
  await api.write('Volume', 'uploads', { scope: 'grid', driver: 'local', driverOpts: {} });
  await api.write('Binding', SLOT, { node: 'n1', volumes: ['data'] });
  await service({ stateful: true });
});
afterEach(() => api.close());

const service = (over: SpecOver): Promise<void> => api.write('Service', 'todo/db@3', { isCurrent: true, spec: serviceSpec(over) });
const move = (name: string, to: string) => api.control.volumes.move(GRID, { name, to }, signal);
const transfer = (over: Partial<TransferBody>): Promise<void> => {
  const { revision } = api.store.view(GRID).get('Move', SLOT)!;
  return api.write('Transfer', SLOT, { move: revision, from: 'n1', to: 'n2', phase: 'copying', volumes: [], ...over });
};

test('what is asked for twice is under way once; a third node is refused meanwhile', async () => {
  expect(await move('data.1', 'n2')).toMatchObject({ slot: SLOT, from: 'n1', to: 'n2' });
  const { revision } = api.store;
  expect(await move(SLOT, 'n2')).toMatchObject({ slot: SLOT, from: 'n1', to: 'n2' });
  expect(api.store.revision).toBe(revision);
  await api.write('Node', 'n4', { number: 4, labels: [], availability: 'active', keyFingerprint: '' });
  await expect(move(SLOT, 'n4')).rejects.toMatchObject({ code: 'KON_CONFLICT', message: 'the data of todo/db.1 moves from n1 to n2 already: let it come there, or call that off with --cancel' });
});

test.each<[readonly [string, string], SpecOver, string, string]>([
  [['data.1', 'n1'], {}, 'KON_CONFLICT', 'the data of todo/db.1 lies on n1 already'],
  [['data.1', 'n9'], {}, 'KON_NOT_FOUND', 'there is no node n9'],
  [['data.1', 'n3'], {}, 'KON_CONFLICT', 'n3 is drained'],
  [['data.2', 'n2'], {}, 'KON_NOT_FOUND', 'there is no volume data.2'],
  [['uploads', 'n2'], {}, 'KON_INVALID', 'volume uploads belongs to no slot'],
  [['data.1', 'n2'], { stateful: false }, 'KON_INVALID', 'todo/db is not stateful'],
  [['data.1', 'n2'], { deploy: { strategy: 'daemon' } }, 'KON_INVALID', 'todo/db runs on every node'],
  [['data.1', 'n2'], { volumes: [{ type: 'volume', source: 'uploads', path: '/u', flags: [] }] }, 'KON_INVALID', 'todo/db mounts volume uploads, which is not todo/db.1\'s own'],
])('%j of %j is refused: %s', async ([name, to], over, code, message) => {
  await service({ stateful: true, ...over });
  await expect(move(name, to)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  expect(api.store.view(GRID).list('Move')).toEqual([]);
});

test('it is called off until it is copied', async () => {
  await expect(api.control.volumes.callOff(GRID, { name: SLOT }, signal)).rejects.toMatchObject({ code: 'KON_CONFLICT', message: 'the data of todo/db.1 does not move' });
  await move(SLOT, 'n2');
  await transfer({ phase: 'copied' });
  await expect(api.control.volumes.callOff(GRID, { name: SLOT }, signal)).rejects.toMatchObject({ code: 'KON_CONFLICT', message: 'the data of todo/db.1 is on n2 by now: move it back to n1' });
  await transfer({ phase: 'copying' });
  expect(await api.control.volumes.callOff(GRID, { name: SLOT }, signal)).toMatchObject({ from: 'n1', to: 'n2' });
  expect(api.store.view(GRID).list('Move')).toEqual([]);
});

test('it is told how far it is, where one looks and who follows it', async () => {
  const look = async (): Promise<unknown> => {
    for await (const { status } of api.control.resources.list({ grid: GRID, kind: 'volume', name: 'data' })) return (status.data as { readonly move?: string }[])[0]?.move;
    return undefined;
  };
  expect(await look()).toBeUndefined();
  await expect(api.control.volumes.follow(GRID, SLOT, signal)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  await move(SLOT, 'n2');
  expect(await look()).toBe('it is to move, and ends what runs first (from n1 to n2)');
  const seen: MoveState[] = [];
  const followed = (async () => {
    for await (const state of api.control.volumes.follow(GRID, SLOT, signal)) seen.push(state);
  })();
  for (const over of [{ phase: 'copying' }, { phase: 'copying', reason: 'node n2 is away' }, { phase: 'copied', bytes: 7 }] as const) {
    await transfer(over);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await look()).toBe('it was copied, and both nodes hold the same (from n1 to n2)');
  await transfer({ phase: 'done' });
  await followed;
  expect(seen.at(-1)).toEqual({ slot: SLOT, from: 'n1', to: 'n2', phase: 'done' });
  expect(seen[0]).toEqual({ slot: SLOT, from: 'n1', to: 'n2', phase: 'stopping' });
  await api.write('Binding', SLOT, { node: 'n2', volumes: ['data'] });
  expect(await look()).toBeUndefined();
});
