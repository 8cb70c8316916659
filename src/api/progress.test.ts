import { describe, expect, test } from '@jest/globals';
import type { Instant, ServiceRollout, StackBody } from '../model/index.js';
import type { Progress } from '../ports/index.js';
import { type World, world } from '../testing/world.js';
import { StackProgress } from './progress.js';

const line = (event: Progress): string => {
  switch (event.type) {
    case 'instance':
      return `${event.instance} ${event.phase}${event.reason === undefined ? '' : ` (${event.reason})`}`;
    case 'service':
      return `${event.service} ${event.running}${event.older === 0 ? '' : `+${event.older}`}/${event.wanted}${event.reason === undefined ? '' : ` (${event.reason})`}`;
    case 'done':
    case 'overtaken':
      return event.type;
    case 'failed':
      return `failed ${event.instance ?? event.service}: ${event.reason}${event.output.length === 0 ? '' : ` [${event.output.join('|')}]`}`;
  }
};

/** A world in which all was declared at 0 and node n1 is heard. */
const given = (): World => world().node('n1').pulse('n1', 'heard').stack('todo', { web: { instances: 2 } }).service('todo/web@1', { instances: 2 });
const running = (): World => given().instance('todo/web.1@1', 'n1').instance('todo/web.2@1', 'n1');

/** Of a stack that a balancer serves, whose instances run since then. */
const balanced = (since = 0): World => {
  const links = [{ service: 'infra/lb', alias: 'lb' }];
  return world().node('n1').stack('todo', { web: { instances: 2, links } }).service('todo/web@1', { instances: 2, links }).balancer('todo/web').at(since).instance('todo/web.1@1', 'n1').instance('todo/web.2@1', 'n1');
};
/** Of a stack whose service a person has stopped. */
const standing = (service: { readonly isStopped?: boolean }): World => byHand({ stopped: ['web'] }).service('todo/web@1', { instances: 2, ...service });
/** Of a stack whose service was told to begin so many rounds, of which so many were begun. */
const rounds = (asked: number, begun: number, over: Partial<ServiceRollout> = {}): World =>
  byHand({ rounds: { web: asked } }).service('todo/web@1', { instances: 2, rounds: asked }).rollout('todo/web', 1, {}, { rounds: begun, ...over }).instance('todo/web.1@1', 'n1').instance('todo/web.2@1', 'n1');
const byHand = (over: Partial<StackBody>): World => {
  const view = given();
  return view.with('Stack', 'todo', { ...view.get('Stack', 'todo')!.body, ...over });
};

const lookAt = (progress: StackProgress, view: World, at: number): readonly string[] => progress.look(view, at as Instant).events.map(line);

describe('one look, long after', () => {
  const cases: readonly { readonly title: string; readonly given: World; readonly events: readonly string[] }[] = [
    { title: 'all runs as declared', given: running(), events: ['todo/web 2/2', 'done'] },
    { title: 'nothing is declared to run', given: world().stack('todo', { web: { instances: 0 } }).service('todo/web@1', { instances: 0 }), events: ['todo/web 0/0', 'done'] },
    {
      title: 'it is to stand still, and does, and where its data is is remembered',
      given: standing({ isStopped: true }).instance('todo/web.1@1', 'n1', { wanted: 'stopped', phase: 'stopped' }), events: ['todo/web.1@1 stopped', 'todo/web 0/0', 'done'],
    },
    { title: 'it is to stand still, and nothing of it is there', given: standing({ isStopped: true }), events: ['todo/web 0/0', 'done'] },
    { title: 'it is to stand still, and its service does not say so yet', given: standing({}), events: ['todo/web 0/0'] },
    { title: 'it is to stand still, and stops', given: standing({ isStopped: true }).instance('todo/web.1@1', 'n1', { wanted: 'stopped', phase: 'stopping' }), events: ['todo/web.1@1 stopping', 'todo/web 0/0'] },
    { title: 'a round of its own has not begun', given: rounds(1, 0), events: ['todo/web 2/2'] },
    { title: 'a round of its own is under way', given: rounds(1, 1, { round: 9 }), events: ['todo/web 2/2'] },
    { title: 'a round of its own is over', given: rounds(1, 1), events: ['todo/web 2/2', 'done'] },
    { title: 'the service is not made yet', given: world().node('n1').stack('todo', { web: {} }), events: ['todo/web 0/1'] },
    { title: 'the service still says otherwise', given: running().stack('todo', { web: { instances: 2, image: 'web:2' } }), events: ['todo/web 2/2'] },
    { title: 'an instance has not begun', given: given().instance('todo/web.1@1', 'n1').instance('todo/web.2@1', 'n1', { phase: 'pulling' }), events: ['todo/web.2@1 pulling', 'todo/web 1/2'] },
    { title: 'a slot is to stay behind', given: running().rollout('todo/web', 1, { 2: 0 }), events: ['todo/web 2/2'] },
    { title: 'the number was set by hand', given: running().stack('todo', { web: { instances: 5 } }, { web: 2 }), events: ['todo/web 2/2', 'done'] },
    {
      title: 'an older round still stops',
      given: running().instance('todo/web.2@0', 'n1', { wanted: 'stopped', phase: 'stopping' }),
      events: ['todo/web.2@0 stopping', 'todo/web 2/2'],
    },
    {
      title: 'another service is still there',
      given: running().instance('todo/old.1@1', 'n1', { wanted: 'stopped', phase: 'stopping' }),
      events: ['todo/web 2/2'],
    },
    {
      title: 'health is checked and not known',
      given: world().node('n1').pulse('n1', 'heard')
        .stack('todo', { web: { healthCheck: { protocol: 'tcp', port: 80, timeoutSeconds: 1, intervalSeconds: 1, initialDelaySeconds: 1, retries: 1 } } })
        .service('todo/web@1', { healthCheck: { protocol: 'tcp', port: 80, timeoutSeconds: 1, intervalSeconds: 1, initialDelaySeconds: 1, retries: 1 } })
        .instance('todo/web.1@1', 'n1', { health: 'starting' }),
      events: ['todo/web.1@1 running (its health is not known yet)', 'todo/web 0/1'],
    },
    {
      title: 'its node is silent',
      given: running().pulse('n1', 'silent', 5),
      events: ['todo/web.1@1 running (node n1 is silent since 1970-01-01T00:00:00.005Z)', 'todo/web.2@1 running (node n1 is silent since 1970-01-01T00:00:00.005Z)', 'todo/web 0/2'],
    },
    {
      title: 'its balancer knows it',
      given: balanced().balances('todo/web', { 'todo/web.1@1': true, 'todo/web.2@1': true }), events: ['todo/web 2/2', 'done'],
    },
    {
      title: 'its balancer was waited for',
      given: balanced().balances('todo/web', { 'todo/web.1@1': true, 'todo/web.2@1': 'refused' }), events: ['todo/web 2/2 (infra/lb.1@1 does not send to todo/web.2@1: refused)', 'done'],
    },
    { title: 'its balancer is waited for', given: balanced(50_000), events: ['todo/web 2/2 (infra/lb.1@1 does not know todo/web.1@1 yet)'] },
    {
      title: 'it waits for another, which fails',
      given: world().node('n1').pulse('n1', 'heard').stack('todo', { db: {}, web: {} }).service('todo/db@1').service('todo/web@1')
        .with('Rollout', 'todo', { services: { db: { revision: 1, still: {} } }, waits: { web: 'db' } })
        .instance('todo/db.1@1', 'n1').report('todo/db.1@1', 'failed', { restarts: 2, reason: 'ended with exit code 3' }),
      events: ['todo/db.1@1 failed (ended with exit code 3)', 'todo/db 0/1', 'todo/web 0/1 (waits for todo/db)', 'failed todo/db.1@1: ended with exit code 3'],
    },
    { title: 'the stack is gone', given: world().node('n1'), events: ['failed todo: stack todo was removed'] },
    {
      title: 'the container ended twice',
      given: given().instance('todo/web.1@1', 'n1').report('todo/web.1@1', 'failed', { restarts: 2, exitCode: 1, reason: 'exited with code 1', output: ['no such file'] }),
      events: ['todo/web.1@1 failed (exited with code 1)', 'todo/web 0/2', 'failed todo/web.1@1: exited with code 1 [no such file]'],
    },
  ];
  test.each(cases)('$title', ({ given: view, events }) => {
    expect(lookAt(new StackProgress('todo'), view, 60_000)).toEqual(events);
  });
});

describe('over time', () => {
  test('what runs must stay up for a second', () => {
    const progress = new StackProgress('todo');
    const view = running().at(500).report('todo/web.2@1', 'running');
    expect(progress.look(view, 600 as Instant)).toMatchObject({ wakeAt: 1500 });
    expect(lookAt(progress, view, 1499)).toEqual([]);
    expect(lookAt(progress, view, 1500)).toEqual(['done']);
  });

  test('one failure is told, the second ends it', () => {
    const progress = new StackProgress('todo');
    const view = given().at(100).instance('todo/web.1@1', 'n1', { phase: undefined });
    lookAt(progress, view, 100);
    expect(lookAt(progress, view.at(200).report('todo/web.1@1', 'failed', { reason: 'no such image' }), 200)).toEqual(['todo/web.1@1 failed (no such image)']);
    expect(lookAt(progress, view.at(300).report('todo/web.1@1', 'pulling'), 300)).toEqual(['todo/web.1@1 pulling']);
    expect(lookAt(progress, view.at(400).report('todo/web.1@1', 'failed', { reason: 'no such image' }), 400))
      .toEqual(['todo/web.1@1 failed (no such image)', 'failed todo/web.1@1: no such image']);
  });

  test('a failure that lasts ends it too', () => {
    const progress = new StackProgress('todo');
    const view = given().instance('todo/web.1@1', 'n1', { phase: undefined }).report('todo/web.1@1', 'failed', { reason: 'no such image' });
    expect(progress.look(view, 100 as Instant)).toMatchObject({ wakeAt: 3100 });
    expect(lookAt(progress, view, 3100)).toEqual(['failed todo/web.1@1: no such image']);
  });

  test('so does bad health of what runs on in spite of it', () => {
    const progress = new StackProgress('todo');
    const view = given().instance('todo/web.1@1', 'n1', { phase: undefined }).report('todo/web.1@1', 'running', { health: 'unhealthy', reason: 'unhealthy: answered 500' });
    expect(progress.look(view, 100 as Instant)).toMatchObject({ wakeAt: 3100 });
    expect(lookAt(progress, view, 3100)).toEqual(['failed todo/web.1@1: unhealthy: answered 500']);
  });

  test('restarts from before do not count, two new ones do', () => {
    const progress = new StackProgress('todo');
    const view = running().report('todo/web.1@1', 'running', { restarts: 7 }).at(1000).stack('todo', { web: { instances: 2, image: 'web:2' } });
    lookAt(progress, view, 1000);
    expect(lookAt(progress, view.report('todo/web.1@1', 'running', { restarts: 8 }), 1100)).toEqual([]);
    expect(lookAt(progress, view.report('todo/web.1@1', 'running', { restarts: 9 }), 1200)).toEqual(['failed todo/web.1@1: it failed']);
  });

  test('of what was down already, one more end is enough', () => {
    const progress = new StackProgress('todo');
    const view = running().report('todo/web.1@1', 'failed', { restarts: 7, exitCode: 1 }).at(1000).stack('todo', { web: { instances: 2, image: 'web:2' } });
    lookAt(progress, view, 1000);
    expect(lookAt(progress, view.report('todo/web.1@1', 'starting', { restarts: 7, exitCode: 1 }), 1100)).toEqual(['todo/web.1@1 starting']);
    expect(lookAt(progress, view.report('todo/web.1@1', 'failed', { restarts: 8, exitCode: 1 }), 1200).at(-1)).toBe('failed todo/web.1@1: ended with exit code 1');
  });

  test('a program that ends well is told what a service is, also where it runs again by now', () => {
    const progress = new StackProgress('todo');
    const view = given().instance('todo/web.1@1', 'n1').report('todo/web.1@1', 'running', { restarts: 2, exitCode: 0 });
    expect(lookAt(progress, view, 200).at(-1)).toBe('failed todo/web.1@1: the program ended by itself with exit code 0; a service is kept running, so it is started again: let it stay in the foreground');
  });

  test('what fails of an older revision is not its fault', () => {
    const progress = new StackProgress('todo');
    const view = given().service('todo/web@2', { instances: 2, image: 'web:2' }).stack('todo', { web: { instances: 2, image: 'web:2' } })
      .instance('todo/web.1@1', 'n1', { phase: undefined }).report('todo/web.1@1', 'failed', { restarts: 9, reason: 'old' });
    expect(lookAt(progress, view, 60_000)).toEqual(['todo/web.1@1 failed (old)', 'todo/web 0/2']);
  });

  const wentBack = (over: Partial<ServiceRollout> = {}): World => {
    const reverted = { from: 2, retries: 0, instance: 'todo/web.1@3', reason: 'ended with exit code 3' };
    const spec = { instances: 2, image: 'web:2', deploy: { onFailure: 'revert' as const } };
    return given().service('todo/web@1', { instances: 2, isCurrent: false }).service('todo/web@2', spec).stack('todo', { web: spec })
      .rollout('todo/web', 1, {}, { complete: { revision: 1, at: 0 as Instant }, reverted, ...over }).instance('todo/web.2@1', 'n1');
  };

  test('what went back is followed until it is back, and told with the last words of what failed', () => {
    const progress = new StackProgress('todo');
    const view = wentBack({ still: { 1: 2 } }).instance('todo/web.1@3', 'n1', { revision: 2, phase: undefined }).report('todo/web.1@3', 'failed', { reason: 'ended with exit code 3', output: ['no such file'] });
    expect(lookAt(progress, view, 100).at(-1)).toBe('todo/web 0+1/2 (declared 2, running 1 (reverted))');
    view.without('Instance', 'todo/web.1@3').instance('todo/web.1@4', 'n1');
    expect(lookAt(progress, view, 200).at(-1)).toBe('failed todo/web.1@3: ended with exit code 3; declared 2, running 1 (reverted) [no such file]');
  });

  test('a new attempt is not taken for the failure of the one before', () => {
    const view = wentBack().instance('todo/web.1@1', 'n1');
    view.with('Stack', 'todo', { ...view.get('Stack', 'todo')!.body, retries: { web: 1 } });
    expect(lookAt(new StackProgress('todo'), view, 60_000).at(-1)).toBe('todo/web 0+2/2');
  });

  test('what may go back is done when that is over', () => {
    const view = wentBack().rollout('todo/web', 2, {}, { complete: { revision: 1, at: 0 as Instant } })
      .instance('todo/web.1@1', 'n1', { revision: 2 }).instance('todo/web.2@1', 'n1', { revision: 2 });
    expect(lookAt(new StackProgress('todo'), view, 60_000)).toEqual(['todo/web 2/2']);
    expect(lookAt(new StackProgress('todo'), view.rollout('todo/web', 2, {}, { complete: { revision: 2, at: 0 as Instant } }), 60_000)).toEqual(['todo/web 2/2', 'done']);
  });

  const unplaced = (): World => given().with('Placement', 'todo/web', { slots: [1, 2], reason: 'no node fits: 1 lacks ssd', refusals: [] });

  test('a slot without a node is given three seconds', () => {
    const progress = new StackProgress('todo');
    expect(progress.look(unplaced(), 0 as Instant)).toMatchObject({ wakeAt: 3000 });
    expect(lookAt(progress, given(), 2000)).toEqual(['todo/web 0/2']);
    expect(lookAt(progress, unplaced(), 2500)).toEqual(['todo/web 0/2 (no node fits: 1 lacks ssd)']);
    expect(lookAt(progress, unplaced(), 5499)).toEqual([]);
    expect(lookAt(progress, unplaced(), 5500)).toEqual(['failed todo/web: no node fits: 1 lacks ssd']);
  });

  test('and longer while a node may yet come back to a restarted master', () => {
    const progress = new StackProgress('todo');
    expect(progress.look(unplaced().pulse('n2', 'unheard'), 0 as Instant)).toMatchObject({ wakeAt: 30_000 });
  });

  test('or has only just come back', () => {
    expect(new StackProgress('todo').look(unplaced().node('n2', { wasLost: true, since: 5_000 }), 8_000 as Instant)).toMatchObject({ wakeAt: 38_000 });
    expect(new StackProgress('todo').look(unplaced().node('n2', { wasLost: true, since: 5_000 }), 40_000 as Instant)).toMatchObject({ wakeAt: 43_000 });
  });

  test('a grid without nodes says how to get one', () => {
    const progress = new StackProgress('todo');
    const view = world().stack('todo', { web: {} });
    lookAt(progress, view, 0);
    expect(lookAt(progress, view, 3000).join()).toContain('grid default has no node: make a token');
  });
});
