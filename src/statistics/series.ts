import { elapsedMs, type Instant, type Millis } from '../model/index.js';
import type { UsageHistory } from '../ports/index.js';
import { Level, type Mean, type Sample } from './level.js';

const DAY_MS: Millis = 86_400_000;
const COARSE_MS: Millis = 600_000;

/** The finer, the shorter: 5 minutes by 10 s, an hour by minutes, a day by ten minutes. */
const makeLevels = (): readonly [Level, Level, Level] => [new Level(10_000, 30), new Level(60_000, 60), new Level(COARSE_MS, DAY_MS / COARSE_MS + 1)];

/** How one thing fared for a day: 7 kB, whatever was said. */
export class Series {
  readonly #levels = makeLevels();
  #lastAt: Instant | undefined;

  /** Returns the mean of the last ten minutes when they are over. */
  add(at: Instant, sample: Sample): Mean | undefined {
    const [, , coarse] = this.#levels;
    const ended = this.#lastAt === undefined || coarse.stretchOf(this.#lastAt) === coarse.stretchOf(at) ? undefined : this.current();
    for (const level of this.#levels) level.add(level.stretchOf(at), sample);
    this.#lastAt = at;
    return ended;
  }

  /** What was written down of ten minutes. */
  restore({ stretch, count, sample }: Mean): void {
    const [, , coarse] = this.#levels;
    coarse.add(stretch, sample, count);
    const at = (stretch * COARSE_MS) as Instant;
    if (this.#lastAt === undefined || this.#lastAt < at) this.#lastAt = at;
  }

  /** The newest ten minutes so far. */
  current(): Mean | undefined {
    const [, , coarse] = this.#levels;
    return this.#lastAt === undefined ? undefined : coarse.at(coarse.stretchOf(this.#lastAt));
  }

  /** In the finest points that reach back so far, or but for one of them. */
  since(from: Instant, now: Instant): UsageHistory {
    const level = this.#levels.find(({ everyMs, rows }) => elapsedMs(from, now) <= everyMs * (rows + 1)) ?? this.#levels[2];
    return { everyMs: level.everyMs, points: level.points(from, now) };
  }

  /** Nothing was said for a day. */
  isOver(now: Instant): boolean {
    return this.#lastAt !== undefined && elapsedMs(this.#lastAt, now) > DAY_MS + COARSE_MS;
  }
}
