import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSame } from './same.js';

test.each([
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1, b: 2 }, { a: 1 }, false],
  [{ a: null }, {}, false],
  [{ a: [] }, { a: {} }, false],
  [{ a: [1, 2] }, { a: [1, 2, 3] }, false],
  [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, true],
  [{ a: '1' }, { a: 1 }, false],
] as const)('%j and %j: %s', (a, b, expected) => expect([isSame(a, b), isSame(b, a)]).toEqual([expected, expected]));

test('two values are the same when JSON has them the same', () => {
  const inOrder = (value: unknown): string => JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item);
  const body = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  fc.assert(fc.property(body, body, (a, b) => isSame(a, b) === (inOrder(a) === inOrder(b))));
  fc.assert(fc.property(body, (a) => isSame(a, JSON.parse(JSON.stringify(a)))));
});
