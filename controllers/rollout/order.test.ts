import { describe, expect, test } from '@jest/globals';
import type { Instant } from '../../src/model/index.js';
import { line, type SpecOver, world, type World } from '../../src/testing/world.js';
import { rollout } from './index.js';
import { plan } from './plan.js';

const lines = (given: World, now = 0): readonly string[] => plan('todo', given, now as Instant).steps.map(line);
const linksTo = (...names: readonly string[]): SpecOver => ({ links: names.map((name) => ({ service: `todo/${name}`, alias: name })) });

/** Services that were just declared: nothing of them runs, and no rollout speaks of them. */
function declared(services: Readonly<Record<string, SpecOver>>): World {
  const given = world().node('n1');
  for (const [name, over] of Object.entries(services)) given.service(`todo/${name}@1`, over);
  return given.without('Rollout', 'todo');
}
const begin = (given: World, now = 0): World => given.apply(plan('todo', given, now as Instant).steps);

describe('what is new and links to others', () => {
  test('begins when all of them serve', () => {
    const given = declared({ web: linksTo('cache', 'db'), db: {}, cache: {}, aside: {} });
    expect(lines(given)).toEqual([
      '+ Rollout todo aside=1 cache=1 db=1 web after cache (aside begins at revision 1; cache begins at revision 1; db begins at revision 1; web waits for cache)',
    ]);
    begin(given).instance('todo/cache.1@2', 'n1').instance('todo/db.1@3', 'n1', { phase: 'starting' });
    expect(lines(given)).toEqual(['+ Rollout todo aside=1 cache=1 db=1 web after db (web waits for db)']);
    begin(given);
    expect(lines(given)).toEqual([]);
    expect(rollout.watches.Report?.('todo/db.1@3', given)).toEqual(['todo']);
    expect(lines(given.report('todo/db.1@3', 'running'))).toEqual(['+ Rollout todo aside=1 cache=1 db=1 web=1 (web begins at revision 1)']);
  });

  test('waits for what fails, and for what runs an older revision or went back to it', () => {
    const reverted = { from: 2, retries: 0, instance: 'todo/db.1@2', reason: 'no' };
    const running = (): World => world().node('n1').service('todo/web@1', linksTo('db')).without('Rollout', 'todo').service('todo/db@1').instance('todo/db.1@1', 'n1');
    const updated = (): World => running().service('todo/db@1', { isCurrent: false }).service('todo/db@2');
    for (const given of [
      running().report('todo/db.1@1', 'failed'),
      updated().rollout('todo/db', 2, { 1: 1 }),
      updated().rollout('todo/db', 1, {}, { reverted, complete: { revision: 1, at: 0 as Instant } }),
    ]) {
      begin(given);
      expect(given.get('Rollout', 'todo')?.body.waits).toEqual({ web: 'db' });
    }
    expect(lines(running())).toEqual(['+ Rollout todo db=1 web=1 (web begins at revision 1)']);
  });

  test.each<[string, Readonly<Record<string, SpecOver>>]>([
    ['they link to each other', { db: linksTo('web'), web: linksTo('db') }],
    ['it links to itself, or to what is not there', { web: linksTo('web', 'gone') }],
    ['it links to another stack', { web: { links: [{ service: 'other/db', alias: 'db' }] } }],
    ['it links to what has no instances', { db: { instances: 0 }, web: linksTo('db') }],
  ])('waits for nothing when %s', (_why, services) => {
    const given = begin(declared(services));
    expect(given.get('Rollout', 'todo')?.body).toEqual({ services: Object.fromEntries(Object.keys(services).map((name) => [name, { revision: 1, still: {} }])) });
  });

  test('waits through what has no instances', () => {
    const given = declared({ db: {}, none: { instances: 0, ...linksTo('db') }, web: linksTo('none') });
    expect(begin(given).get('Rollout', 'todo')?.body.waits).toEqual({ none: 'db', web: 'none' });
    expect(lines(given.instance('todo/db.1@2', 'n1'))).toEqual(['+ Rollout todo db=1 none=1 web=1 (none begins at revision 1; web begins at revision 1)']);
  });

  test('is decided at once however much is linked', () => {
    const names = Array.from({ length: 40 }, (_, index) => `s${String(index)}`);
    const given = declared(Object.fromEntries(names.map((name, index) => [name, { instances: 0, ...linksTo(...names.slice(0, index)) }])));
    expect(Object.keys(begin(given).get('Rollout', 'todo')?.body.services ?? {})).toHaveLength(40);
  });

  test('gives a daemon a moment to find its nodes, and does not wait for one without', () => {
    const given = declared({ agent: { deploy: { strategy: 'daemon' } }, web: linksTo('agent') });
    expect(plan('todo', given, 0 as Instant).wakeAt).toBe(1_000);
    begin(given);
    expect(plan('todo', given, 999 as Instant)).toEqual({ steps: [], wakeAt: 1_000 });
    expect(lines(given, 1_000)).toEqual(['+ Rollout todo agent=1 web=1 (web begins at revision 1)']);
    given.instance('todo/agent.1@2', 'n1', { phase: 'starting' });
    expect(lines(given, 1_000)).toEqual([]);
  });

  test('is waited for no more when it is no longer declared', () => {
    const given = begin(declared({ db: {}, web: linksTo('db') })).without('Service', 'todo/web@1');
    expect(lines(given)).toEqual(['+ Rollout todo db=1 (web is no longer declared)']);
  });

  test('does not wait once it has begun', () => {
    const given = begin(begin(declared({ db: {}, web: linksTo('db') })).instance('todo/db.1@2', 'n1')).report('todo/db.1@2', 'failed');
    expect(lines(given)).toEqual([]);
  });
});
