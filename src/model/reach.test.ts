import { describe, expect, test } from '@jest/globals';
import { world, type World } from '../testing/world.js';
import { mayReach, type Policy, restrictedOn } from './index.js';

describe('who may reach whom', () => {
  const stacks: Readonly<Record<string, Policy>> = { shop: {}, blog: {}, db: { allow: ['shop'] }, safe: { allow: [] }, back: { networks: ['back'] }, both: { networks: ['back', 'default'] }, none: { networks: [] } };

  test.each<[string, string, boolean]>([
    ['shop', 'blog', true], ['shop', 'db', true], ['blog', 'db', false], ['db', 'shop', true], ['db', 'db', true], ['safe', 'safe', true], ['shop', 'safe', false],
    ['shop', 'back', false], ['back', 'shop', false], ['both', 'back', true], ['back', 'both', true], ['shop', 'both', true], ['none', 'none', true], ['shop', 'none', false], ['none', 'shop', false],
    ['gone', 'shop', true], ['gone', 'db', false], ['shop', 'gone', true], ['back', 'gone', false], ['constructor', 'shop', true],
  ])('%s → %s: %s', (from, to, expected) => expect(mayReach(from, to, stacks)).toBe(expected));

  const declared = (given: World, name: string, policy: Policy = {}): World =>
    given.with('Stack', name, { scaled: {}, spec: { name, services: {}, volumes: {}, labels: [], metadata: {}, variables: {}, ...policy } });
  const on = (given: World, stack: string, node = 'n1'): World => given.instance(`${stack}/web.1@4`, node);

  test('where nobody says anything, nothing is restricted', () => {
    expect(restrictedOn(on(declared(declared(world(), 'shop'), 'blog'), 'shop'), 'n1')).toEqual([]);
  });

  test('of the stacks on a node, those that some may not reach are restricted, to those that may', () => {
    const given = declared(declared(declared(declared(world(), 'shop'), 'blog'), 'db', { allow: ['shop', 'later'] }), 'back', { networks: ['back'] });
    for (const [stack, node] of [['shop', 'n1'], ['db', 'n1'], ['blog', 'n2'], ['old', 'n2']] as const) on(given, stack, node);
    expect(restrictedOn(given, 'n1')).toEqual([{ stack: 'db', from: ['db', 'shop'] }, { stack: 'shop', from: ['blog', 'db', 'shop'] }]);
    expect(restrictedOn(given, 'n3')).toEqual([]);
  });

  test('a stack that allows only others is restricted even while there are none', () => {
    expect(restrictedOn(on(declared(world(), 'db', { allow: [] }), 'db'), 'n1')).toEqual([{ stack: 'db', from: ['db'] }]);
  });
});
