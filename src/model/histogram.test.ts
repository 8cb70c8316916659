import { describe, expect, test } from '@jest/globals';
import { countOf, EMPTY_HISTOGRAM, type Histogram, merged, quantileMs, withLength } from './histogram.js';

const of = (...lengths: readonly number[]): Histogram => lengths.reduce(withLength, EMPTY_HISTOGRAM);

describe('a histogram', () => {
  test.each([
    [[], 0.99, undefined], [[3], 0.5, 5], [[5], 0.5, 5], [[5.1], 0.5, 10], [[1, 1, 1, 900], 0.75, 5], [[1, 1, 1, 900], 0.76, 1000], [[20_000], 0.99, Infinity],
  ])('of %j: under which bound is a share of %d', (lengths, share, bound) => {
    expect(quantileMs(of(...lengths), share)).toBe(bound);
  });

  test('adds up, and takes of a stranger what fits', () => {
    expect(merged(of(1, 20), of(2))).toEqual(of(1, 2, 20));
    expect(countOf(merged(of(1), []))).toBe(1);
    expect(merged(of(1), [0, 0, 0, 1, ...new Array<number>(50).fill(9)]).length).toBe(EMPTY_HISTOGRAM.length);
  });
});
