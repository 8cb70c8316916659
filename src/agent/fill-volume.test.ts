import { beforeEach, expect, test } from '@jest/globals';
import type { EngineVolume } from '../model/index.js';
import { FakeClock } from '../testing/fake-clock.js';
import { FakeRuntime } from '../testing/fake-runtime.js';
import { FakeVolumes } from '../testing/fake-volumes.js';
import { fillVolume } from './fill-volume.js';

const data: EngineVolume = { name: 'todo.db.data-1', driver: 'local', driverOpts: {}, volume: 'data', slot: 'todo/db.1' };
const signal = new AbortController().signal;

let volumes: FakeVolumes;
beforeEach(() => {
  volumes = new FakeVolumes(new FakeRuntime({ clock: new FakeClock(0) }));
});

async function* pieces(...given: readonly string[]): AsyncIterable<Uint8Array> {
  for (const one of given) yield await Promise.resolve(Buffer.from(one));
}

async function* broken(): AsyncIterable<Uint8Array> {
  yield* pieces('half');
  throw new Error('the wire broke');
}

const fill = (tar: AsyncIterable<Uint8Array>): Promise<void> => fillVolume(volumes, { volume: data, tar }, signal);
const there = async (): Promise<readonly string[]> => (await volumes.list()).map(({ name }) => `${name} ${volumes.contents.get(name)?.toString() ?? ''}`);

test('one that is not there is made, and is not there when it cannot be filled', async () => {
  await expect(fill(broken())).rejects.toThrow('the wire broke');
  expect(await there()).toEqual([]);
  volumes.spoils = (_name, content) => content.subarray(1);
  await expect(fill(pieces('old'))).rejects.toMatchObject({ code: 'KON_VOLUME_DIFFERS', message: 'what lies in volume todo.db.data-1 is not what was sent: 1 files with 3 bytes were, 1 with 2 are there' });
  expect(await there()).toEqual([]);
  volumes.spoils = (_name, content) => content;
  await fill(pieces('o', 'ld'));
  expect(await there()).toEqual(['todo.db.data-1 old']);
});

test('one that is there holds what it did until all that came lies beside it', async () => {
  await fill(pieces('old'));
  await expect(fill(broken())).rejects.toThrow('the wire broke');
  expect(await there()).toEqual(['todo.db.data-1 old']);
  await volumes.ensure({ name: 'todo.db.data-1.incoming', driver: 'local', driverOpts: {} }); // of an agent that was killed
  volumes.contents.set('todo.db.data-1.incoming', Buffer.from('rest'));
  await fill(pieces('new'));
  expect(await there()).toEqual(['todo.db.data-1 new']);
});

test('what came is kept beside it where it cannot take its place', async () => {
  await fill(pieces('old'));
  volumes.spoils = (name, content) => (name === data.name ? Buffer.alloc(0) : content);
  await expect(fill(pieces('new'))).rejects.toMatchObject({ code: 'KON_VOLUME_DIFFERS', message: expect.stringContaining('all that was sent lies in volume todo.db.data-1.incoming') });
  expect(await there()).toEqual(['todo.db.data-1.incoming new', 'todo.db.data-1 ']);
});
