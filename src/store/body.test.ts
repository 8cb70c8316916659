import { expect, test } from '@jest/globals';
import { freeze } from './body.js';

test('freezes all the way down', () => {
  const body = freeze({ list: [{ deep: ['x'] }], none: null });
  expect([body, body.list, body.list[0], body.list[0]?.deep].every(Object.isFrozen)).toBe(true);
});
