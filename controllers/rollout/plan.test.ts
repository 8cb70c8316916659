import { describe, expect, test } from '@jest/globals';
import type { Instant } from '../../src/model/index.js';
import { line, type SpecOver, world, type World } from '../../src/testing/world.js';
import { plan } from './plan.js';

const lines = (given: World, now = 0): readonly string[] => plan('todo', given, now as Instant).steps.map(line);

/** `todo/web` at revision 1, all slots serving, and revision 2 declared. */
function declaredAnew(instances: number, over: SpecOver = {}): World {
  const given = world().node('n1').node('n2').service('todo/web@1', { instances, ...over, isCurrent: true });
  for (let slot = 1; slot <= instances; slot += 1) given.instance(`todo/web.${String(slot)}@1`, slot % 2 === 0 ? 'n2' : 'n1');
  return declare(given, 'web', { instances, ...over });
}

function declare(given: World, name: string, over: SpecOver): World {
  const rollout = given.get('Rollout', 'todo')!.body;
  const old = given.get('Service', `todo/${name}@1`)!.body;
  return given.service(`todo/${name}@2`, over).with('Rollout', 'todo', rollout).with('Service', `todo/${name}@1`, { ...old, isCurrent: false });
}

/** The world after the slot's new instance serves. */
const moved = (given: World, slot: number, phase: 'running' | 'starting' | 'failed' = 'running'): World =>
  given.without('Instance', `todo/web.${String(slot)}@1`).instance(`todo/web.${String(slot)}@2`, 'n1', { revision: 2, phase });

const step = (given: World, now = 0): World => given.apply(plan('todo', given, now as Instant).steps);

interface Case {
  readonly title: string;
  readonly given: World;
  readonly now?: number;
  readonly lines: readonly string[];
}

const cases: readonly Case[] = [
  {
    title: 'a first deploy begins with all slots at once',
    given: world().service('todo/web@1', { instances: 5 }).without('Rollout', 'todo'),
    lines: ['+ Rollout todo web=1 (web begins at revision 1)'],
  },
  { title: 'more instances need nothing said', given: world().service('todo/web@1', { instances: 5 }).instance('todo/web.1@1', 'n1'), lines: [] },
  {
    title: 'new slots of a service that is being replaced run the new revision',
    given: declare(world().node('n1').service('todo/web@1', { instances: 1 }).instance('todo/web.1@1', 'n1', { phase: undefined }), 'web', { instances: 3 }),
    lines: ['+ Rollout todo web=2 .1=1 (web: revision 2 follows 1)'],
  },
  {
    title: 'what ends again and again does not serve because a try runs for a moment',
    given: moved(step(declaredAnew(3, { deploy: { minHealth: 0.6 } })), 1).report('todo/web.1@2', 'running', { restarts: 3 }),
    lines: [],
  },
  {
    title: 'what has ended before serves when it has run long enough since',
    given: moved(step(declaredAnew(3, { deploy: { minHealth: 0.6 } })), 1).report('todo/web.1@2', 'running', { restarts: 3 }),
    now: 10_000,
    lines: ['+ Rollout todo web=2 .3=1 (web: slot 2 moves to revision 2)'],
  },
  { title: 'one of one moves', given: declaredAnew(1), lines: ['+ Rollout todo web=2 (web: slot 1 moves to revision 2)'] },
  {
    title: 'of five, one moves when four fifths must stay',
    given: declaredAnew(5),
    lines: ['+ Rollout todo web=2 .2=1 .3=1 .4=1 .5=1 (web: slot 1 moves to revision 2)'],
  },
  {
    title: 'of ten, two: 10 - 8 is exact',
    given: declaredAnew(10),
    lines: ['+ Rollout todo web=2 .3=1 .4=1 .5=1 .6=1 .7=1 .8=1 .9=1 .10=1 (web: slot 1, 2 moves to revision 2)'],
  },
  {
    title: 'with none to stay, all',
    given: declaredAnew(3, { deploy: { minHealth: 0 } }),
    lines: ['+ Rollout todo web=2 (web: slot 1, 2, 3 moves to revision 2)'],
  },
  {
    title: 'with all to stay, still one',
    given: declaredAnew(3, { deploy: { minHealth: 1 } }),
    lines: ['+ Rollout todo web=2 .2=1 .3=1 (web: slot 1 moves to revision 2)'],
  },
  { title: 'nothing more moves while one is on its way', given: moved(step(declaredAnew(3)), 1, 'starting'), lines: [] },
  {
    title: 'the next moves when it serves',
    given: moved(step(declaredAnew(3)), 1),
    lines: ['+ Rollout todo web=2 .3=1 (web: slot 2 moves to revision 2)'],
  },
  {
    title: 'not before its health check agrees',
    given: step(declaredAnew(3, { healthCheck: { protocol: 'tcp', port: 80, timeoutSeconds: 1, intervalSeconds: 1, initialDelaySeconds: 1, retries: 1 } })),
    lines: [],
  },
  {
    title: 'slots that do not serve move first, and cost nothing',
    given: declaredAnew(4).report('todo/web.3@1', 'failed'),
    lines: ['+ Rollout todo web=2 .1=1 .2=1 .4=1 (web: slot 3 moves to revision 2)'],
  },
  {
    title: 'what nobody has said anything of counts as missing and does not move',
    given: declaredAnew(3).without('Report', 'todo/web.3@1').without('Report', 'todo/web.2@1').without('Report', 'todo/web.1@1'),
    lines: ['+ Rollout todo web=2 .1=1 .2=1 .3=1 (web: revision 2 follows 1)'],
  },
  {
    title: 'an instance on an offline node does not serve',
    given: declaredAnew(4).with('Health', 'n2', { phase: 'offline', since: 0 as Instant, wasLost: true }),
    lines: ['+ Rollout todo web=2 .1=1 .3=1 (web: slot 2, 4 moves to revision 2)'],
  },
  {
    title: 'a slot that failed at the new revision stops the rollout, though another could still move',
    given: moved(step(declaredAnew(4, { deploy: { minHealth: 0.5 } })), 1, 'failed').without('Instance', 'todo/web.2@1').instance('todo/web.2@2', 'n1', { revision: 2 }),
    lines: [],
  },
  {
    title: 'so does one that runs on though it is unhealthy',
    given: moved(step(declaredAnew(4, { deploy: { minHealth: 0.5 } })), 1).report('todo/web.1@2', 'running', { health: 'unhealthy' }).without('Instance', 'todo/web.2@1').instance('todo/web.2@2', 'n1', { revision: 2 }),
    lines: [],
  },
  {
    title: 'so does one that its agent tries to start again',
    given: moved(step(declaredAnew(4, { deploy: { minHealth: 0.5 } })), 1, 'starting').report('todo/web.1@2', 'starting', { restarts: 1 }).without('Instance', 'todo/web.2@1').instance('todo/web.2@2', 'n1', { revision: 2 }),
    lines: [],
  },
  {
    title: 'unless the service says to go on',
    given: moved(step(declaredAnew(4, { deploy: { minHealth: 0.5, onFailure: 'continue' } })), 1, 'failed').without('Instance', 'todo/web.2@1').instance('todo/web.2@2', 'n1', { revision: 2 }),
    lines: ['+ Rollout todo web=2 .4=1 (web: slot 3 moves to revision 2)'],
  },
  {
    title: 'another declaration on the way: those that moved are older, too',
    given: declareThird(moved(step(declaredAnew(3)), 1)),
    lines: ['+ Rollout todo web=3 .2=1 .3=1 (web: slot 1 moves to revision 3)'],
  },
  {
    title: 'fewer instances: their slots are no longer spoken of',
    given: step(declaredAnew(3)).service('todo/web@2', { instances: 2 }).rollout('todo/web', 2, { 2: 1, 3: 1 }),
    lines: ['+ Rollout todo web=2 .2=1 (web: fewer slots)'],
  },
  {
    title: 'a service that is no longer declared is no longer spoken of',
    given: world().service('todo/web@1').service('todo/db@1').service('todo/web@1', { isCurrent: false }),
    lines: ['+ Rollout todo db=1 (web is no longer declared)'],
  },
  {
    title: 'nor is a stack that has none left',
    given: world().service('todo/web@1').service('todo/web@1', { isCurrent: false }),
    lines: ['- Rollout todo (the stack has no services any more)'],
  },
  {
    title: 'a daemon has the slots that run',
    given: declaredAnew(5, { deploy: { strategy: 'daemon' } }).with('Service', 'todo/web@2', { ...world().service('a/b@1', { instances: 1, deploy: { strategy: 'daemon' } }).get('Service', 'a/b@1')!.body }),
    lines: ['+ Rollout todo web=2 .2=1 .3=1 .4=1 .5=1 (web: slot 1 moves to revision 2)'],
  },
];

function declareThird(given: World): World {
  const rollout = given.get('Rollout', 'todo')!.body;
  return given.service('todo/web@3', { instances: 3 }).with('Rollout', 'todo', rollout).service('todo/web@2', { instances: 3, isCurrent: false });
}

describe('which revision slots run', () => {
  test.each(cases)('$title', ({ given, now = 0, lines: expected }) => {
    expect(lines(given, now)).toEqual(expected);
    expect(lines(step(given, now), now)).toEqual([]);
  });

  test('the next slot waits until the one before has settled, by the time of the master', () => {
    const given = moved(step(declaredAnew(2, { deploy: { settleSeconds: 10 } })).at(5_000), 1);
    expect(plan('todo', given, 14_999 as Instant)).toEqual({ steps: [], wakeAt: 15_000 });
    expect(lines(given, 15_000)).toEqual(['+ Rollout todo web=2 (web: slot 2 moves to revision 2)']);
  });
});

describe('the order of services', () => {
  const link = (service: string) => ({ links: [{ service: `todo/${service}`, alias: service }] });
  const both = (web: SpecOver, db: SpecOver): World => {
    const given = world().node('n1').service('todo/web@1', web).service('todo/db@1', db).instance('todo/web.1@1', 'n1').instance('todo/db.1@1', 'n1');
    return declare(declare(given, 'web', web), 'db', db);
  };

  test('a service is replaced after those that it links to', () => {
    const given = both(link('db'), {});
    expect(lines(given)).toEqual(['+ Rollout todo db=2 web=2 .1=1 (db: slot 1 moves to revision 2; web: revision 2 follows 1)']);
    const underWay = step(given).without('Instance', 'todo/db.1@1').instance('todo/db.1@9', 'n1', { revision: 2, phase: 'starting' });
    expect(lines(underWay)).toEqual([]);
    expect(lines(underWay.report('todo/db.1@9', 'running'))).toEqual(['+ Rollout todo db=2 web=2 (web: slot 1 moves to revision 2)']);
  });

  test('what was replaced long since and fails now holds nobody up', () => {
    const given = world().node('n1').service('todo/web@1', link('db')).service('todo/db@1').instance('todo/web.1@1', 'n1').instance('todo/db.1@1', 'n1', { phase: 'failed' });
    expect(lines(declare(given, 'web', link('db')))).toEqual(['+ Rollout todo db=1 web=2 (web: slot 1 moves to revision 2)']);
  });

  test('services that link to each other do not wait for each other', () => {
    expect(lines(both(link('db'), link('web')))).toEqual(['+ Rollout todo db=2 web=2 (db: slot 1 moves to revision 2; web: slot 1 moves to revision 2)']);
  });
});
