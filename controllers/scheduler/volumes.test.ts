import { describe, expect, test } from '@jest/globals';
import type { Instant, TransferPhase, VolumeMount } from '../../src/model/index.js';
import { line, type SpecOver, world, type World } from '../../src/testing/world.js';
import { explain, scheduler } from './index.js';
import { plan } from './plan.js';

const NOW = 1_000_000 as Instant;
const mount = (source: string): VolumeMount => ({ type: 'volume', source, path: `/${source}`, flags: [] });
const lines = (given: World): readonly string[] => plan('todo/db', given, NOW).steps.map(line);
const three = (): World => world().node('n1').node('n2').node('n3').volume('data').volume('shared', { scope: 'grid', driver: 'vieux/sshfs' });
const db = (given: World, over: SpecOver = {}): World => given.service('todo/db@1', { stateful: true, volumes: [mount('data')], ...over });

describe('a slot with data', () => {
  test('returns to it, though nothing else says that it ran there', () => {
    expect(lines(db(three()).binding('todo/db.1', 'n3', ['data']))).toEqual(['+ Instance todo/db.1@15 n3 running r1 (slot 1 was empty; its data is on n3)']);
  });

  test('waits for its node, and says what it waits for', () => {
    expect(lines(db(three().node('n4', { phase: 'offline', since: 0 })).binding('todo/db.1', 'n4', ['data']))).toEqual(['+ Placement todo/db slots 1 (its data is on n4, which is offline)']);
    expect(lines(db(three()).binding('todo/db.1', 'n9', ['data']))).toEqual(['+ Placement todo/db slots 1 (its data was on n9, which was removed: scale to fewer than 1 and back to start it empty)']);
  });

  test('goes where its data lies, not where it ran last', () => {
    const given = db(three()).binding('todo/db.1', 'n2', ['data']).instance('todo/db.1@5', 'n1', { wanted: 'stopped', phase: 'stopped' });
    expect(plan('todo/db', given, NOW).steps.map(({ body }) => (body === undefined ? undefined : (body as { readonly node?: string }).node))).toEqual([undefined, 'n2']);
    expect(explain('todo/db', 1, given, NOW)?.nodes.map(({ node, fits }) => `${node} ${String(fits)}`)).toEqual(['n1 false', 'n2 true', 'n3 false']);
  });

  test('of what keeps none it is only a wish', () => {
    const cache: SpecOver = { stateful: false, instances: 2 };
    const at = (given: World): readonly (string | undefined)[] => plan('todo/db', given, NOW).steps.map(({ body }) => (body as { readonly node?: string } | undefined)?.node);
    expect(at(db(three(), cache).binding('todo/db.1', 'n3', ['data']).binding('todo/db.2', 'n3', ['data']))).toEqual(['n3', 'n3']);
    expect(at(db(three().node('n4', { availability: 'drain' }), cache).binding('todo/db.1', 'n4', ['data']))).toEqual(['n1', 'n2']);
    expect(at(db(three(), { ...cache, volumes: [] }).binding('todo/db.1', 'n3', ['data']))).toEqual(['n1', 'n2']);
  });

  test('of a daemon takes its number back on its node, and no other does', () => {
    const daemon: SpecOver = { deploy: { strategy: 'daemon' } };
    const placed = plan('todo/db', db(three(), daemon).binding('todo/db.1', 'n3', ['data']), NOW).steps.map((step) => line(step).replace(/@\d+/, ''));
    expect(placed.map((text) => text.split(' (')[0])).toEqual(['+ Instance todo/db.1 n3 running r1', '+ Instance todo/db.2 n1 running r1', '+ Instance todo/db.3 n2 running r1']);
  });
});

describe('a slot whose data is to lie elsewhere', () => {
  const running = (): World => db(three()).binding('todo/db.1', 'n1', ['data']).instance('todo/db.1@5', 'n1');
  const told = (given: World): World => given.with('Move', 'todo/db.1', { from: 'n1', to: 'n2', times: 1 });
  const transfer = (given: World, phase: TransferPhase, node = 'n1'): World =>
    given.with('Transfer', 'todo/db.1', { move: given.get('Move', 'todo/db.1')!.revision, from: 'n1', to: 'n2', phase, volumes: [] }).binding('todo/db.1', node, ['data']);
  const left = (): World => told(running().instance('todo/db.1@5', 'n1', { wanted: 'stopped', phase: 'stopped' }));

  test('is stopped, and stands still until it lies there', () => {
    expect(lines(told(running()))).toEqual(['+ Instance todo/db.1@5 n1 stopped r1 (its data moves from n1 to n2)', '+ Placement todo/db slots 1 (its data moves from n1 to n2)']);
    for (const given of [left(), transfer(left(), 'waiting'), transfer(left(), 'copying'), transfer(left(), 'copied')]) expect(lines(given).at(-1)).toBe('+ Placement todo/db slots 1 (its data moves from n1 to n2)');
  });

  test('runs there then, and where it was when it could not be moved', () => {
    for (const given of [transfer(left(), 'copied', 'n2'), transfer(left(), 'done', 'n2')]) expect(lines(given).at(-1)).toMatch(/^\+ Instance todo\/db\.1@\d+ n2 running r1 \(todo\/db\.1@5 is gone; its data is on n2\)$/);
    expect(lines(transfer(left(), 'failed')).at(-1)).toMatch(/^\+ Instance todo\/db\.1@\d+ n1 running/);
  });

  test('is woken by both', () => {
    expect([scheduler.watches.Move?.('todo/db.1', three()), scheduler.watches.Transfer?.('todo/db.1', three())]).toEqual([['todo/db'], ['todo/db']]);
  });
});

describe('a driver', () => {
  test('must be on the node, whatever its version', () => {
    const given = db(three().facts('n2', { volumeDrivers: ['local', 'vieux/sshfs:latest'] }), { stateful: false, volumes: [mount('shared')] });
    expect(lines(given)[0]).toContain('n2 is the only node that fits');
  });
  test('that no node has is named', () => {
    expect(lines(db(three(), { volumes: [mount('shared')] }))).toEqual(['+ Placement todo/db slots 1 (no node fits: 3 of 3 lack a volume driver (n1 lacks the volume driver vieux/sshfs))']);
  });
});

test('a change of where data lies, or of a volume, wakes those whom it concerns', () => {
  const given = three().with('Placement', 'todo/web', { slots: [1], reason: '', refusals: [] });
  expect(scheduler.watches.Binding?.('todo/db.1', given)).toEqual(['todo/db']);
  expect(scheduler.watches.Volume?.('data', given)).toEqual(['todo/web']);
});
