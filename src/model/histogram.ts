import type { Millis } from './time.js';

/** Upper bounds of the buckets, in milliseconds; a last one takes what is beyond them. */
const BUCKETS_MS: readonly Millis[] = [5, 10, 25, 50, 100, 150, 200, 300, 500, 1_000, 2_500, 5_000, 10_000];

/** How often lengths of time fell into each bucket: one count more than there are bounds. */
export type Histogram = readonly number[];

export const EMPTY_HISTOGRAM: Histogram = new Array<number>(BUCKETS_MS.length + 1).fill(0);

/** With one more length of time in it. */
export function withLength(histogram: Histogram, lengthMs: Millis): Histogram {
  const found = BUCKETS_MS.findIndex((bound) => lengthMs <= bound);
  const bucket = found === -1 ? BUCKETS_MS.length : found;
  return histogram.map((count, index) => (index === bucket ? count + 1 : count));
}

/** Both together. One of another shape, as a stranger may send it, adds what fits. */
export const merged = (a: Histogram, b: Histogram): Histogram => a.map((count, index) => count + (b[index] ?? 0));

export const countOf = (histogram: Histogram): number => histogram.reduce((sum, count) => sum + count, 0);

/**
 * The bound under which at least `share` of the lengths fell.
 *
 * @param share from 0 to 1: 0.99 asks for the 99th percentile
 * @returns milliseconds; Infinity beyond the last bound; undefined when there is none
 */
export function quantileMs(histogram: Histogram, share: number): Millis | undefined {
  const wanted = countOf(histogram) * share;
  if (wanted === 0) return undefined;
  let seen = 0;
  for (const [index, count] of histogram.entries()) {
    seen += count;
    if (seen >= wanted) return BUCKETS_MS[index] ?? Infinity;
  }
  return Infinity;
}

/** Each bucket: the longest that it takes, and how often it was met. */
export const bucketsOf = (histogram: Histogram): readonly { readonly upToMs: Millis; readonly count: number }[] =>
  histogram.map((count, index) => ({ upToMs: BUCKETS_MS[index] ?? Infinity, count }));
