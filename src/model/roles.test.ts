import { describe, expect, test } from '@jest/globals';
import { GRID_ROLES, lackedOf, MASTER_ROLES, mayDo, requireActions, type RoleSpec } from './roles.js';

const role = (...allow: readonly string[]): RoleSpec => ({ allow });
const narrowed = (stacks: readonly string[], ...allow: readonly string[]): RoleSpec => ({ allow, stacks });

test.each<{ readonly what: string; readonly roles: readonly RoleSpec[]; readonly action: string; readonly stack?: string; readonly may: boolean }>([
  { what: 'an action', roles: [role('stack.apply')], action: 'stack.apply', stack: 'todo', may: true },
  { what: 'another', roles: [role('stack.apply')], action: 'stack.remove', stack: 'todo', may: false },
  { what: 'all upon something', roles: [role('stack.*')], action: 'stack.remove', stack: 'todo', may: true },
  { what: 'all upon something is not all whose name begins so', roles: [role('stack.*')], action: 'stacks.remove', may: false },
  { what: 'all there is', roles: [role('*')], action: 'master.backup', may: true },
  { what: 'one of several roles', roles: [role('node.list'), role('stack.apply')], action: 'stack.apply', stack: 'todo', may: true },
  { what: 'what everybody may', roles: [], action: 'master.info', may: true },
  { what: 'nothing', roles: [], action: 'stack.list', may: false },
  { what: 'a stack of the pattern', roles: [narrowed(['web-*'], 'stack.apply')], action: 'stack.apply', stack: 'web-shop', may: true },
  { what: 'a stack beside the pattern', roles: [narrowed(['web-*'], 'stack.apply')], action: 'stack.apply', stack: 'todo', may: false },
  { what: 'what belongs to no stack', roles: [narrowed(['web-*'], 'node.list')], action: 'node.list', may: true },
  { what: 'a pattern in the middle', roles: [narrowed(['a*b*c'], 'stack.apply')], action: 'stack.apply', stack: 'a-x-b-y-c', may: true },
  { what: 'parts in their order', roles: [narrowed(['a*b*c'], 'stack.apply')], action: 'stack.apply', stack: 'a-c-b', may: false },
  { what: 'parts that do not overlap', roles: [narrowed(['ab*bc'], 'stack.apply')], action: 'stack.apply', stack: 'abc', may: false },
  { what: 'a pattern without a star', roles: [narrowed(['web'], 'stack.apply')], action: 'stack.apply', stack: 'web2', may: false },
])('$what', ({ roles, action, stack, may }) => {
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
