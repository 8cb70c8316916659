import type { Instant, NodeStatistics } from '../model/index.js';
import type { Clock, NodeSaid, Statistics, UsageHistory } from '../ports/index.js';

/** Keeps what was said last, and has the history that a test gives it. */
export class FakeStatistics implements Statistics {
  readonly #clock: Clock;
  readonly #newest = new Map<string, NodeSaid>();
  /** By `GRID/todo/web.2`. */
  readonly histories = new Map<string, UsageHistory>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(grid: string, node: string, said: NodeStatistics): void {
    this.#newest.set(`${grid}/${node}`, { at: this.#clock.now(), said });
  }

  newest(grid: string, node: string): NodeSaid | undefined {
    return this.#newest.get(`${grid}/${node}`);
  }

  since(grid: string, what: string, from: Instant): UsageHistory {
    const { everyMs, points } = this.histories.get(`${grid}/${what}`) ?? { everyMs: 10_000, points: [] };
    return { everyMs, points: points.filter(({ at }) => at >= from) };
  }
}
