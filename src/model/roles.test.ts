import { describe, expect, test } from '@jest/globals';
import { GRID_ROLES, lackedOf, MASTER_ROLES, mayDo, requireActions, type RoleSpec } from './roles.js';

const role = (...allow: readonly string[]): RoleSpec => ({ allow });
const narrowed = (stacks: readonly string[], ...allow: readonly string[]): RoleSpec => ({ allow, stacks });

test.each([
  ['an action', [role('stack.apply')], 'stack.apply', 'todo', true],
  ['another', [role('stack.apply')], 'stack.remove', 'todo', false],
  ['all upon something', [role('stack.*')], 'stack.remove', 'todo', true],
  ['all upon something is not all whose name begins so', [role('stack.*')], 'stacks.remove', undefined, false],
  ['all there is', [role('*')], 'master.backup', undefined, true],
  ['one of several roles', [role('node.list'), role('stack.apply')], 'stack.apply', 'todo', true],
  ['what everybody may', [], 'master.info', undefined, true],
  ['nothing', [], 'stack.list', undefined, false],
  ['a stack of the pattern', [narrowed(['web-*'], 'stack.apply')], 'stack.apply', 'web-shop', true],
  ['a stack beside the pattern', [narrowed(['web-*'], 'stack.apply')], 'stack.apply', 'todo', false],
  ['what belongs to no stack', [narrowed(['web-*'], 'node.list')], 'node.list', undefined, true],
  ['a pattern in the middle', [narrowed(['a*b*c'], 'stack.apply')], 'stack.apply', 'a-x-b-y-c', true],
  ['parts in their order', [narrowed(['a*b*c'], 'stack.apply')], 'stack.apply', 'a-c-b', false],
  ['parts that do not overlap', [narrowed(['ab*bc'], 'stack.apply')], 'stack.apply', 'abc', false],
  ['a pattern without a star', [narrowed(['web'], 'stack.apply')], 'stack.apply', 'web2', false],
] as const)('%s', (_what, roles, action, stack, may) => {
  expect(mayDo(roles, action, stack)).toBe(may);
});

test('A pattern of many stars costs no more than its length', () => {
  const began = process.hrtime.bigint();
  expect(mayDo([narrowed([`${'*a'.repeat(2_000)}b`], 'stack.apply')], 'stack.apply', 'a'.repeat(5_000))).toBe(false);
  expect(Number(process.hrtime.bigint() - began) / 1e6).toBeLessThan(200);
});

describe('Nobody gives more than they have', () => {
  const ACTIONS = ['stack.apply', 'stack.remove', 'node.remove', 'secret.read'];

  test.each([
    ['the same', [role('stack.apply')], role('stack.apply'), []],
    ['less', [role('stack.*')], role('stack.apply'), []],
    ['more', [role('stack.apply')], role('stack.*'), ['stack.remove']],
    ['everything', [role('stack.apply')], role('*'), ['stack.remove', 'node.remove', 'secret.read']],
    ['the same pattern', [narrowed(['web-*'], 'stack.apply')], narrowed(['web-*'], 'stack.apply'), []],
    ['another pattern', [narrowed(['web-*'], 'stack.apply')], narrowed(['*'], 'stack.apply'), ['stack.apply']],
    ['no pattern', [narrowed(['web-*'], 'stack.apply')], role('stack.apply'), ['stack.apply']],
    ['narrower than all', [role('stack.apply')], narrowed(['web-*'], 'stack.apply'), []],
  ])('%s', (_what, roles, given, lacked) => {
    expect(lackedOf(roles, given, ACTIONS)).toEqual(lacked);
  });
});

test('Each role of a grid may all that the one before it may', () => {
  const specs = Object.values(GRID_ROLES);
  specs.slice(1).forEach((spec, index) => expect(spec.allow).toEqual(expect.arrayContaining([...(specs[index]?.allow ?? [])])));
});

test('No role of a grid touches the master', () => {
  const touching = Object.values(GRID_ROLES).flatMap(({ allow }) => allow.filter((action) => /^(\*|master|credential|grid\.(create|remove))/.test(action)));
  expect(touching).toEqual([]);
  expect(Object.keys(MASTER_ROLES)).toEqual(['user-admin', 'master-admin']);
});

test.each([
  [[], /allows nothing/],
  [['*'], /master-admin/],
  [['stack.aply'], /there is no action stack.aply; upon stack there are stack.apply/],
  [['nope.*'], /there is no action nope.\*; there are stack.\*/],
])('A role that allows %j is refused', (allow, why) => {
  expect(() => requireActions(allow, ['stack.apply'])).toThrow(why);
});
