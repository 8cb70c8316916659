import { expect, test } from '@jest/globals';
import { parseTarget, plainName } from './names.js';

test.each([
  ['stack', 'todo', 'todo'],
  ['stack', 'stack/todo', 'todo'],
  ['service', 'service/todo/web', 'todo/web'],
  ['service', 'svc/todo/web', 'todo/web'],
  ['service', 'service/web', 'service/web'],
  ['service', 'todo/web', 'todo/web'],
  ['instance', 'instance/todo/web.1@4', 'todo/web.1@4'],
] as const)('%s %s is %s', (kind, given, plain) => {
  expect(plainName(kind, given)).toBe(plain);
});

test('KIND NAME and KIND/NAME are one target', () => {
  expect(parseTarget('svc', 'service/todo/web')).toEqual(parseTarget('Services/todo/web', undefined));
});
