import { describe, expect, test } from '@jest/globals';
import type { VolumeMount } from '../../src/model/index.js';
import { line, type SpecOver, world, type World } from '../../src/testing/world.js';
import { volume } from './index.js';
import { plan } from './plan.js';

const lines = (given: World): readonly string[] => plan('todo/db', given).steps.map(line);
const mount = (source: string): VolumeMount => ({ type: 'volume', source, path: `/${source}`, flags: [] });
const stateful = (over: SpecOver = {}): SpecOver => ({ stateful: true, instances: 2, volumes: [mount('data')], ...over });
const base = (): World => world().node('n1').node('n2').volume('data').volume('cache', { scope: 'stack' });
const running = (over: SpecOver): World => base().service('todo/db@1', over).instance('todo/db.1@9', 'n1');

describe('the data of a slot lies where it runs', () => {
  test.each<[string, SpecOver, readonly string[]]>([
    ['of what is stateful, with the volumes it mounts', stateful({ volumes: [mount('data'), mount('cache')] }), ['+ Binding todo/db.1 n1 cache data (its data lies on n1)']],
    ['of what is stateful, without any volume', stateful({ volumes: [] }), ['+ Binding todo/db.1 n1 (its data lies on n1)']],
    ['of what is not, where each instance has its own', { volumes: [mount('data')] }, ['+ Binding todo/db.1 n1 data (its data lies on n1)']],
    ['not where a node has one for all', { volumes: [mount('cache')] }, []],
    ['nor where nobody declared the volume', { volumes: [mount('other')] }, []],
    ['nor of what mounts nothing', {}, []],
  ])('%s', (_title, over, expected) => {
    const given = running(over);
    expect(lines(given)).toEqual(expected);
    expect(lines(given.apply(plan('todo/db', given).steps))).toEqual([]);
  });
});

describe('and stays there', () => {
  const left = (over: SpecOver = stateful()): World => running(over).binding('todo/db.1', 'n1', ['data']);

  test('while the slot stops, waits, and is removed with its stack', () => {
    expect(lines(left().instance('todo/db.1@9', 'n1', { wanted: 'stopped' }))).toEqual([]);
    expect(lines(left().without('Instance', 'todo/db.1@9'))).toEqual([]);
    expect(lines(left().without('Instance', 'todo/db.1@9').without('Service', 'todo/db@1'))).toEqual([]);
  });

  test('when its node is removed, as long as the slot is asked for', () => {
    expect(lines(left().without('Node', 'n1'))).toEqual([]);
    expect(lines(left(stateful({ instances: 0 })).without('Instance', 'todo/db.1@9').without('Node', 'n1'))).toEqual(['- Binding todo/db.1 (n1 was removed, and nobody asks for the slot)']);
    expect(lines(left().without('Instance', 'todo/db.1@9').without('Service', 'todo/db@1').without('Node', 'n1'))).toEqual(['- Binding todo/db.1 (n1 was removed, and nobody asks for the slot)']);
  });

  test('a slot of a daemon is its node\'s', () => {
    const daemon = stateful({ deploy: { strategy: 'daemon' } });
    expect(lines(left(daemon).without('Instance', 'todo/db.1@9').without('Node', 'n1'))).toEqual(['- Binding todo/db.1 (n1 was removed, and nobody asks for the slot)']);
    expect(lines(left(daemon).without('Instance', 'todo/db.1@9'))).toEqual([]);
  });

  test('what it mounts no more is there still, until the volume is removed', () => {
    const given = left(stateful({ volumes: [] }));
    expect(lines(given)).toEqual([]);
    expect(lines(given.without('Volume', 'data'))).toEqual(['+ Binding todo/db.1 n1 (its volumes are others)']);
  });

  test('without a declared volume it goes with its service', () => {
    expect(lines(left().without('Instance', 'todo/db.1@9').without('Service', 'todo/db@1').without('Volume', 'data'))).toEqual(['- Binding todo/db.1 (nothing of its own is kept)']);
  });

  test('until it was copied to another node, and nothing is said of where it was', () => {
    const moved = left().instance('todo/db.1@9', 'n1', { wanted: 'stopped', phase: 'stopped' }).with('Transfer', 'todo/db.1', { move: 3, from: 'n1', to: 'n2', phase: 'copied', volumes: [] });
    expect(lines(moved)).toEqual(['+ Binding todo/db.1 n2 data (its data lies on n2)']);
    expect(lines(moved.apply(plan('todo/db', moved).steps))).toEqual([]);
    expect(lines(left().with('Transfer', 'todo/db.1', { move: 3, from: 'n1', to: 'n2', phase: 'copying', volumes: [] }))).toEqual([]);
  });

  test('what stopped elsewhere does not say where it is', () => {
    expect(lines(running(stateful()).binding('todo/db.1', 'n2', ['data']).instance('todo/db.1@9', 'n1', { wanted: 'stopped', phase: 'stopped' }))).toEqual([]);
  });

  test('of what is not stateful it is where the newest instance runs', () => {
    const given = running({ volumes: [mount('data')] }).binding('todo/db.1', 'n1', ['data']).instance('todo/db.1@12', 'n2');
    expect(lines(given)).toEqual(['+ Binding todo/db.1 n2 data (its data lies on n2)']);
  });
});

test('only what leaves data, or left some, wakes it', () => {
  const given = running(stateful()).binding('todo/db.1', 'n1', ['data']).service('todo/web@1').binding('todo/db-two.1', 'n2');
  expect(volume.watches.Volume?.('data', given)).toEqual(['todo/db']);
  expect(volume.watches.Node?.('n2', given)).toEqual(['todo/db-two']);
  expect([volume.watches.Service?.('todo/db@1', given), volume.watches.Service?.('todo/web@1', given)]).toEqual([['todo/db'], []]);
  expect([volume.watches.Instance?.('todo/web.1@4', given), volume.watches.Binding?.('todo/db.1', given)]).toEqual([['todo/web'], ['todo/db']]);
  expect(volume.subjects(given)).toEqual(['todo/db', 'todo/db-two']);
});
