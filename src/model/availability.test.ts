import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { maxUnavailable } from './availability.js';

describe('how many may be unavailable', () => {
  test.each([
    [1, 0.8, 1], [4, 0.8, 1], [5, 0.8, 1], [10, 0.8, 2], [11, 0.8, 2], [15, 0.8, 3], [20, 0.8, 4], [100, 0.8, 20],
    [10, 0.7, 3], [10, 0.9, 1], [3, 0, 3], [3, 1, 1], [0, 0.8, 1], [7, 1 / 3, 4], [100, 0.07, 93],
  ])('of %d with %d to stay: %d', (instances, minHealth, expected) => {
    expect(maxUnavailable(instances, minHealth)).toBe(expected);
  });

  test('the rest is never less than the share, and one fewer would be more than needed', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 0, max: 100 }), (instances, percent) => {
      const stay = instances - maxUnavailable(instances, percent / 100);
      return stay === instances - 1 || (stay * 100 >= instances * percent && (stay - 1) * 100 < instances * percent);
    }));
  });
});
