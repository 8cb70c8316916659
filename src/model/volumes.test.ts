import { describe, expect, test } from '@jest/globals';
import { serviceSpec } from '../testing/world.js';
import { driverAt, engineVolumes, ownVolumes, type VolumeBody } from './volumes.js';

const volume = (scope: VolumeBody['scope']): VolumeBody => ({ scope, driver: 'local', driverOpts: {} });
const VOLUMES: Readonly<Record<string, VolumeBody>> = { data: volume('instance'), cache: volume('stack'), shared: volume('grid') };
const declared = (name: string): VolumeBody | undefined => VOLUMES[name];
const SLOT = { stack: 'todo', service: 'todo/db', slot: 2 };
const named = (source: string) => ({ type: 'volume', source, path: `/${source}`, flags: [] }) as const;
const anonymous = (path: string) => ({ type: 'anonymous', path, flags: [] }) as const;
const names = (spec: ReturnType<typeof serviceSpec>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(engineVolumes(spec, SLOT, declared)).map(([path, { name }]) => [path, name]));

describe('how an engine calls a volume', () => {
  test('by its scope', () => {
    expect(names(serviceSpec({ volumes: [named('data'), named('cache'), named('shared')] }))).toEqual({ '/data': 'todo.db.data-2', '/cache': 'todo.cache', '/shared': 'shared' });
  });
  test('what nobody declared, and a path of the node, are left to the engine', () => {
    expect(names(serviceSpec({ volumes: [named('other'), { type: 'bind', source: '/etc', path: '/etc', flags: [] }] }))).toEqual({});
  });
  test('a path without a name is kept for what is stateful', () => {
    const volumes = [anonymous('/var/lib/db'), anonymous('/a_b/'), anonymous('/a/b'), anonymous('/ä b')];
    expect(names(serviceSpec({ volumes }))).toEqual({});
    expect(Object.values(names(serviceSpec({ stateful: true, volumes })))).toEqual(['todo.db._var_lib_db-2', 'todo.db._a__5fb-2', 'todo.db._a_b-2', 'todo.db.___e4__20b-2']);
  });
});

test('what is a slot\'s own: of a stateful service all that it mounts, of others what is of scope instance', () => {
  const volumes = [named('data'), named('cache'), named('other'), { ...named('data'), path: '/twice' }];
  expect(ownVolumes(serviceSpec({ volumes }), declared)).toEqual(['data']);
  expect(ownVolumes(serviceSpec({ volumes, stateful: true }), declared)).toEqual(['data', 'cache']);
});

test.each([
  ['local', 'local'],
  ['vieux/sshfs', 'vieux/sshfs:latest'],
  ['vieux/ssh', undefined],
])('the driver %s is %s there', (driver, found) => expect(driverAt(driver, ['local', 'vieux/sshfs:latest'])).toBe(found));
