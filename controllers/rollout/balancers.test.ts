import { describe, expect, test } from '@jest/globals';
import type { Instant } from '../../src/model/index.js';
import { line, world, type World } from '../../src/testing/world.js';
import { plan } from './plan.js';

const spec = { instances: 3, links: [{ service: 'infra/lb', alias: 'lb' }] };
const ALL = { 'todo/web.1@1': true, 'todo/web.2@1': true, 'todo/web.3@1': true } as const;
const NEXT = ['+ Rollout todo web=2 .3=1 (web: slot 2 moves to revision 2)'];

/** Of three slots the first runs the next revision since second 5; their balancer knows the others. */
function oneHasMoved(): World {
  const given = world().balancer('todo/web').service('todo/web@1', spec);
  for (const slot of ['1', '2', '3']) given.instance(`todo/web.${slot}@1`, 'n1');
  given.balances('todo/web', ALL).service('todo/web@1', { ...spec, isCurrent: false }).service('todo/web@2', spec).rollout('todo/web', 2, { 2: 1, 3: 1 });
  return given.without('Instance', 'todo/web.1@1').at(5_000).instance('todo/web.1@9', 'n1', { revision: 2 });
}

const lines = (given: World, now: number): readonly string[] => plan('todo', given, now as Instant).steps.map(line);

describe('a rollout goes on when the balancers send to what has moved', () => {
  test('not before, and says when it looks again', () => {
    expect(plan('todo', oneHasMoved(), 6_000 as Instant)).toEqual({ steps: [], wakeAt: 20_000 });
    expect(lines(oneHasMoved().balances('todo/web', { ...ALL, 'todo/web.1@9': true }), 6_000)).toEqual(NEXT);
  });

  test('or when one that says nothing was waited for long enough', () => {
    expect(lines(oneHasMoved(), 19_999)).toEqual([]);
    expect(lines(oneHasMoved(), 20_000)).toEqual(NEXT);
  });

  test('but not while one finds it down, and sends to those that would go next', () => {
    expect(plan('todo', oneHasMoved().balances('todo/web', { ...ALL, 'todo/web.1@9': 'refused' }), 900_000 as Instant)).toEqual({ steps: [], wakeAt: undefined });
  });

  test('nor is anything waited for long that was never served', () => {
    const down = { 'todo/web.2@1': 'refused', 'todo/web.3@1': 'refused', 'todo/web.1@9': 'refused' };
    expect([lines(oneHasMoved().balances('todo/web', down), 19_999), lines(oneHasMoved().balances('todo/web', down), 20_000)]).toEqual([[], NEXT]);
  });

  test('and what is proven was known to them', () => {
    const revert = { ...spec, deploy: { onFailure: 'revert' } } as const;
    const given = oneHasMoved().service('todo/web@2', revert).rollout('todo/web', 2, {}, { complete: { revision: 1, at: 0 as Instant } });
    given.without('Instance', 'todo/web.2@1').without('Instance', 'todo/web.3@1').service('todo/web@2', { ...revert, instances: 1 }).rollout('todo/web', 2, {}, { complete: { revision: 1, at: 0 as Instant } });
    expect(lines(given, 6_000)).toEqual([]);
    expect(lines(given.balances('todo/web', { 'todo/web.1@9': true }), 6_000)).toEqual(['+ Rollout todo web=2 complete (web: all slots serve revision 2)']);
  });

  test('services that link to it are told nothing of its balancers: they know it by its name', () => {
    const given = world().balancer('todo/web').service('todo/web@1', spec).service('todo/worker@1', { links: [{ service: 'todo/web', alias: 'web' }] });
    for (const slot of ['1', '2', '3']) given.instance(`todo/web.${slot}@1`, 'n1');
    given.with('Rollout', 'todo', { services: { web: { revision: 1, still: {} } }, waits: { worker: 'web' } });
    expect(lines(given, 1_000)).toEqual(['+ Rollout todo web=1 worker=1 (worker begins at revision 1)']);
  });
});
