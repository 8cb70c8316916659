import { describe, expect, test } from '@jest/globals';
import type { InstancePhase, Instant } from '../../src/model/index.js';
import { line, type SpecOver, world, type World } from '../../src/testing/world.js';
import { rollout } from './index.js';
import { plan } from './plan.js';

const lines = (given: World, now = 0): readonly string[] => plan('todo', given, now as Instant).steps.map(line);
const step = (given: World, now = 0): World => given.apply(plan('todo', given, now as Instant).steps);
const after = (given: World): NonNullable<ReturnType<World['get']>>['body'] => given.get('Rollout', 'todo')!.body.services['web'] as never;

/** Both revisions of `todo/web` are recorded; `slots` says which one each slot runs, and how it fares when it is not well. */
function serving(slots: readonly (readonly [revision: 1 | 2, phase?: InstancePhase])[], over: SpecOver = {}): World {
  const spec: SpecOver = { instances: slots.length, ...over, deploy: { onFailure: 'revert', minHealth: 0.5, ...over.deploy } };
  const given = world().node('n1').service('todo/web@1', { ...spec, isCurrent: false }).service('todo/web@2', spec);
  slots.forEach(([revision, phase = 'running'], index) => {
    const name = `todo/web.${String(index + 1)}@${String(revision)}`;
    given.instance(name, 'n1', { revision, phase: undefined }).report(name, phase, phase === 'failed' ? { reason: 'ended with exit code 3' } : {});
  });
  return given;
}

const COMPLETE = { revision: 1, at: 0 as Instant };

describe('a rollout that fails', () => {
  test('goes back: what does not serve at once, and the rest as min_health allows', () => {
    const given = serving([[2, 'failed'], [2], [2], [1]]).rollout('todo/web', 2, { 4: 1 }, { complete: COMPLETE });
    expect(lines(given)).toEqual(['+ Rollout todo web=1 .3=2 complete reverted from 2 (web: revision 2 failed (todo/web.1@2: ended with exit code 3), slot 1, 2 moves to revision 1)']);
    expect(after(step(given, 7_000))).toMatchObject({ complete: { revision: 1, at: 7_000 }, reverted: { from: 2, retries: 0, instance: 'todo/web.1@2', reason: 'ended with exit code 3' } });
    expect(lines(given)).toEqual([]);
  });

  test('goes back also when every slot had moved already', () => {
    const given = serving([[2], [2, 'failed']]).rollout('todo/web', 2, {}, { complete: COMPLETE });
    expect(lines(given)).toEqual(['+ Rollout todo web=1 .1=2 complete reverted from 2 (web: revision 2 failed (todo/web.2@2: ended with exit code 3), slot 2 moves to revision 1)']);
  });

  test('stays where it went back to, whatever becomes of it there', () => {
    const reverted = { from: 2, retries: 0, instance: 'todo/web.1@2', reason: 'no' };
    const given = serving([[1], [1, 'failed']]).rollout('todo/web', 1, {}, { complete: COMPLETE, reverted });
    expect(lines(given)).toEqual([]);
  });

  test('goes on back from what does not serve though a slot that came back fails too; what serves stays', () => {
    const reverted = { from: 2, retries: 0, instance: 'todo/web.1@2', reason: 'no' };
    const given = serving([[1, 'failed'], [2, 'starting'], [2], [2]]).rollout('todo/web', 1, { 2: 2, 3: 2, 4: 2 }, { complete: COMPLETE, reverted });
    expect(lines(given)).toEqual(['+ Rollout todo web=1 .3=2 .4=2 complete reverted from 2 (web: slot 2 moves to revision 1)']);
  });

  test('is tried anew when the declaration is applied again', () => {
    const reverted = { from: 2, retries: 0, instance: 'todo/web.1@2', reason: 'no' };
    const given = serving([[1], [1]]).rollout('todo/web', 1, {}, { complete: COMPLETE, reverted });
    const { body } = given.get('Service', 'todo/web@2')!;
    given.with('Service', 'todo/web@2', { ...body, retries: 1 });
    expect(lines(given)).toEqual(['+ Rollout todo web=2 .2=1 (web: a new attempt, slot 1 moves to revision 2)']);
  });

  test('is forgotten when what it went back to is declared', () => {
    const reverted = { from: 2, retries: 0, instance: 'todo/web.1@2', reason: 'no' };
    const given = serving([[1], [1]]);
    for (const [revision, isCurrent] of [[1, true], [2, false]] as const) given.with('Service', `todo/web@${String(revision)}`, { ...given.get('Service', `todo/web@${String(revision)}`)!.body, isCurrent });
    given.rollout('todo/web', 1, {}, { complete: COMPLETE, reverted });
    expect(lines(given)).toEqual(['+ Rollout todo web=1 complete (web: all slots serve revision 1)']);
    expect(lines(step(given))).toEqual([]);
  });

  test.each<[string, World]>([
    ['there is nothing to go back to', serving([[2, 'failed'], [2]]).rollout('todo/web', 2, {})],
    ['the service says to pause', serving([[2, 'failed'], [1]], { deploy: { onFailure: 'pause' } }).rollout('todo/web', 2, { 2: 1 }, { complete: COMPLETE })],
    ['the failure is that of an older revision', serving([[1, 'failed'], [2]]).rollout('todo/web', 2, { 1: 1 }, { complete: COMPLETE })],
  ])('does not go back when %s', (_why, given) => {
    expect(lines(given).filter((text) => text.includes('reverted'))).toEqual([]);
  });

  test('goes back without waiting for what it links to', () => {
    const reverted = { from: 2, retries: 0, instance: 'todo/web.1@2', reason: 'no' };
    const given = serving([[2], [2]], { links: [{ service: 'todo/db', alias: 'db' }] }).service('todo/db@1', { isCurrent: false }).service('todo/db@2', {}).instance('todo/db.1@1', 'n1')
      .rollout('todo/db', 2, { 1: 1 }).rollout('todo/web', 1, { 1: 2, 2: 2 }, { complete: COMPLETE, reverted });
    expect(lines(given)[0]).toContain('web: slot 1 moves to revision 1');
  });

  test('what links to it and was declared with it stays as it was', () => {
    const link = { links: [{ service: 'todo/web', alias: 'web' }] };
    const reverted = { from: 2, retries: 0, instance: 'todo/web.1@2', reason: 'no' };
    const given = serving([[1]]).service('todo/top@1', { ...link, isCurrent: false }).service('todo/top@2', link).instance('todo/top.1@1', 'n1')
      .rollout('todo/top', 2, { 1: 1 }).rollout('todo/web', 1, {}, { complete: COMPLETE, reverted });
    expect(lines(given)).toEqual([]);
  });
});

describe('where a rollout may go back to', () => {
  const begun = (slots: Parameters<typeof serving>[0], over: Parameters<World['rollout']>[3] = {}): unknown =>
    after(step(serving(slots).rollout('todo/web', 1, {}, over)));

  test('what all slots serve when another revision is declared', () => {
    expect(begun([[1], [1]])).toMatchObject({ revision: 2, complete: { revision: 1 } });
  });

  test('else what they served before', () => {
    expect(begun([[1], [1, 'starting']], { complete: { revision: 0, at: 0 as Instant } })).toMatchObject({ complete: { revision: 0 } });
  });

  test('else what all were told to run, unless that failed', () => {
    expect(begun([[1], [1, 'starting']])).toMatchObject({ complete: { revision: 1 } });
    expect(begun([[1], [1, 'failed']])).not.toHaveProperty('complete');
  });

  test('the new revision, once all its slots have served as long as they should', () => {
    const given = serving([[2], [2]], { deploy: { settleSeconds: 5 } }).rollout('todo/web', 2, {}, { complete: COMPLETE });
    expect(plan('todo', given, 4_999 as Instant)).toEqual({ steps: [], wakeAt: 5_000 });
    expect(lines(given, 5_000)).toEqual(['+ Rollout todo web=2 complete (web: all slots serve revision 2)']);
  });

  test('a first deploy is complete as soon as it serves; nobody asks where nothing follows from it', () => {
    expect(lines(serving([[2], [2]], { deploy: { settleSeconds: 5 } }).rollout('todo/web', 2))).toEqual(['+ Rollout todo web=2 complete (web: all slots serve revision 2)']);
    expect(lines(serving([[2], [2, 'starting']]).rollout('todo/web', 2))).toEqual([]);
    expect(lines(serving([[2], [2]], { deploy: { onFailure: 'pause' } }).rollout('todo/web', 2))).toEqual([]);
  });
});

describe('what an agent says', () => {
  const woken = (given: World): unknown => rollout.watches.Report?.('todo/web.1@2', given);
  const DONE = { complete: { revision: 2, at: 0 as Instant } };

  test.each<[string, World, readonly string[]]>([
    ['a slot is behind', serving([[2], [1]]).rollout('todo/web', 2, { 2: 1 }), ['todo']],
    ['a slot of another service of the stack is', serving([[2]]).rollout('todo/web', 2, {}, DONE).service('todo/db@1').rollout('todo/db', 1, { 1: 0 }), ['todo']],
    ['it is to be seen whether all serve', serving([[2], [2]]).rollout('todo/web', 2, {}, { complete: COMPLETE }), ['todo']],
    ['its like replace all', serving([[2], [2]]).rollout('todo/web', 2, {}, { ...DONE, round: 9 }), ['todo']],
    ['all serve', serving([[2], [2]]).rollout('todo/web', 2, {}, DONE), []],
    ['nothing follows from it', serving([[2], [2]], { deploy: { onFailure: 'pause' } }).rollout('todo/web', 2, {}), []],
  ])('counts, or not, when %s', (_when, given, expected) => {
    expect(woken(given)).toEqual(expected);
  });
});

describe('an interval', () => {
  const daily = (over: SpecOver = {}): World =>
    serving([[2], [2], [2]], { ...over, deploy: { onFailure: 'pause', intervalSeconds: 60, ...over.deploy } }).rollout('todo/web', 2, {}, { complete: { revision: 2, at: 1_000 as Instant } });

  test('begins when all serve, and ends by the clock', () => {
    expect(lines(serving([[2]], { deploy: { onFailure: 'pause', intervalSeconds: 60 } }).rollout('todo/web', 2))).toEqual(['+ Rollout todo web=2 complete (web: all slots serve revision 2)']);
    expect(plan('todo', daily(), 60_999 as Instant)).toEqual({ steps: [], wakeAt: 61_000 });
  });

  test('over, all instances are replaced by their like, as min_health allows, and the next one begins', () => {
    const given = daily();
    const round = given.revision + 1;
    expect(lines(given, 61_000)).toEqual([`+ Rollout todo web=2 .2=2 .3=2 from round ${String(round)} complete (web: its interval is over, slot 1 moves to a new round)`]);
    expect(lines(step(given, 61_000), 62_000)).toEqual([]);
    for (const slot of [1, 2, 3]) {
      given.without('Instance', `todo/web.${String(slot)}@2`).instance(`todo/web.${String(slot)}@${String(round + slot)}`, 'n1', { revision: 2 });
      step(given, 70_000);
    }
    expect(after(given)).toEqual({ revision: 2, still: {}, complete: { revision: 2, at: 70_000 } });
    expect(plan('todo', given, 70_000 as Instant)).toEqual({ steps: [], wakeAt: 130_000 });
  });

  test('stops at what fails', () => {
    const given = daily();
    const round = given.revision + 1;
    step(given, 61_000).without('Instance', 'todo/web.1@2').instance(`todo/web.1@${String(round + 1)}`, 'n1', { revision: 2, phase: 'failed' });
    expect(lines(given, 99_000)).toEqual([]);
  });

  test('leaves alone what keeps data', () => {
    expect(plan('todo', daily({ stateful: true }), 99_000 as Instant)).toEqual({ steps: [], wakeAt: undefined });
  });
});

describe('a round of its own', () => {
  const paused = { deploy: { onFailure: 'pause', minHealth: 0.5 } } as const;
  const asked = (rounds: number): World => serving([[2], [2]], paused).service('todo/web@2', { instances: 2, ...paused, rounds }).rollout('todo/web', 2);

  test('that is asked for replaces all instances by their like, as min_health allows, once', () => {
    const given = asked(1);
    const round = given.revision + 1;
    expect(lines(given, 10_000)).toEqual([`+ Rollout todo web=2 .2=2 from round ${String(round)} (web: a round of its own was asked for, slot 1 moves to a new round)`]);
    step(given, 10_000);
    for (const slot of [1, 2]) {
      given.without('Instance', `todo/web.${String(slot)}@2`).instance(`todo/web.${String(slot)}@${String(round + slot)}`, 'n1', { revision: 2 });
      step(given, 70_000);
    }
    expect(after(given)).toEqual({ revision: 2, still: {}, rounds: 1, complete: { revision: 2, at: 70_000 } });
    expect(plan('todo', given, 99_000 as Instant)).toEqual({ steps: [], wakeAt: undefined });
  });

  test('replaces what keeps data, too, and begins anew when it is asked for again', () => {
    const given = serving([[2], [2]], { ...paused, stateful: true }).service('todo/web@2', { instances: 2, ...paused, stateful: true, rounds: 2 }).rollout('todo/web', 2, { 2: 2 }, { round: 5, rounds: 1 });
    const round = given.revision + 1;
    expect(lines(given, 10_000)).toEqual([`+ Rollout todo web=2 .2=2 from round ${String(round)} (web: a round of its own was asked for, slot 1 moves to a new round)`]);
  });

  test('is behind a service that is replaced anyway', () => {
    const given = serving([[1], [1]], paused).service('todo/web@2', { instances: 2, image: 'web:2', ...paused, rounds: 3 }).rollout('todo/web', 1);
    step(given, 10_000);
    expect(after(given)).toMatchObject({ revision: 2, rounds: 3 });
    expect(after(given)).not.toHaveProperty('round');
  });
});

test('nobody waits for what stands still', () => {
  const linked = { links: [{ service: 'todo/db', alias: 'db' }] };
  const given = world().node('n1').service('todo/db@1', { isStopped: true }).service('todo/web@2', linked).with('Rollout', 'todo', { services: { db: { revision: 1, still: {} } } });
  expect(lines(given)).toEqual(['+ Rollout todo db=1 web=2 (web begins at revision 2)']);
});

describe('what becomes of instances', () => {
  const woken = (given: World): readonly unknown[] => [
    rollout.watches.Instance?.('todo/web.1@2', given), rollout.watches.Report?.('todo/web.1@2', given), rollout.watches.Health?.('n1', given),
  ];
  const paused = { deploy: { onFailure: 'pause' } } as const;

  test.each<[string, World, boolean]>([
    ['while a slot is behind', serving([[2], [1]], paused).rollout('todo/web', 2, { 2: 1 }), true],
    ['while a round is on', serving([[2], [2]], paused).rollout('todo/web', 2, {}, { round: 9 }), true],
    ['until all were seen to serve, where that is asked for', serving([[2], [2]]).rollout('todo/web', 2), true],
    ['not when that has been seen', serving([[2], [2]]).rollout('todo/web', 2, {}, { complete: { revision: 2, at: 0 as Instant } }), false],
    ['not when nobody asks', serving([[2], [2]], paused).rollout('todo/web', 2), false],
  ])('wakes a rollout: %s', (_when, given, isWoken) => {
    expect(woken(given)).toEqual(isWoken ? [['todo'], ['todo'], ['todo']] : [[], [], []]);
  });
});
