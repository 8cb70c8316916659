import type { Instant, Millis, UsagePoint } from '../model/index.js';

/** Numbers of a sample: cores, bytes of memory, then bytes a second received, sent, read and written. */
const FIELDS = 6;

/** The numbers of one sample, or their means. */
export type Sample = readonly number[];

/** The mean of what was said in one stretch of time. */
export interface Mean {
  /** Stretches are numbered from the Unix epoch. */
  readonly stretch: number;
  /** Of how many samples. */
  readonly count: number;
  readonly sample: Sample;
}

/**
 * A table of fixed size, a row for each stretch of time, the oldest of which gives way: 30 bytes a row. Single precision
 * is seven digits, more than anyone reads of a graph.
 */
export class Level {
  readonly #stretches: Int32Array;
  readonly #counts: Uint16Array;
  readonly #means: Float32Array;

  constructor(readonly everyMs: Millis, readonly rows: number) {
    this.#stretches = new Int32Array(rows);
    this.#counts = new Uint16Array(rows);
    this.#means = new Float32Array(rows * FIELDS);
  }

  stretchOf(at: Instant): number {
    return Math.floor(at / this.everyMs);
  }

  /** Into the mean of its stretch. */
  add(stretch: number, sample: Sample, count = 1): void {
    const row = stretch % this.rows;
    const before = this.#stretches[row] === stretch ? (this.#counts[row] ?? 0) : 0;
    this.#stretches[row] = stretch;
    this.#counts[row] = before + count;
    for (let field = 0; field < FIELDS; field += 1) {
      const at = row * FIELDS + field;
      const mean = before === 0 ? 0 : (this.#means[at] ?? 0);
      this.#means[at] = mean + (((sample[field] ?? 0) - mean) * count) / (before + count);
    }
  }

  /** Undefined where nothing was said in that stretch, or it is too long ago. */
  at(stretch: number): Mean | undefined {
    const row = stretch % this.rows;
    const count = this.#counts[row] ?? 0;
    if (this.#stretches[row] !== stretch || count === 0) return undefined;
    return { stretch, count, sample: [...this.#means.subarray(row * FIELDS, (row + 1) * FIELDS)] };
  }

  /** Oldest first, without those of which nothing was said. */
  points(from: Instant, to: Instant): readonly UsagePoint[] {
    const last = this.stretchOf(to);
    const points: UsagePoint[] = [];
    for (let stretch = Math.max(this.stretchOf(from), last - this.rows + 1); stretch <= last; stretch += 1) {
      const mean = this.at(stretch);
      if (mean !== undefined) points.push(pointOf(mean, this.everyMs));
    }
    return points;
  }
}

function pointOf({ stretch, sample: [cpus = 0, memoryBytes = 0, received = 0, sent = 0, read = 0, written = 0] }: Mean, everyMs: Millis): UsagePoint {
  return { at: (stretch * everyMs) as Instant, cpus, memoryBytes, network: { in: received, out: sent }, disk: { in: read, out: written } };
}
