import { Histogram, type Metric } from 'prom-client';
import type { Controller } from '../reconcile/index.js';
import type { Store } from '../ports/index.js';

const PLANNING_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
const COMMIT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** How long it takes to decide, and until what was decided is on disk: measured around controllers and the store, which know nothing of it. */
export class Durations {
  readonly #planning = new Histogram({ name: 'kontena_reconcile_seconds', help: 'How long a controller thought about one subject.', labelNames: ['controller'], buckets: PLANNING_SECONDS, registers: [] });
  readonly #commits = new Histogram({ name: 'kontena_store_commit_seconds', help: 'How long it took from a decision until what it changed was on disk, by who decided.', labelNames: ['writer'], buckets: COMMIT_SECONDS, registers: [] });

  get all(): readonly Metric[] {
    return [this.#planning, this.#commits];
  }

  /** A controller whose thinking is measured. */
  ofController(controller: Controller): Controller {
    const { name } = controller;
    return {
      ...controller,
      plan: (subject, view, now) => {
        const end = this.#planning.startTimer({ controller: name });
        try {
          return controller.plan(subject, view, now);
        } finally {
          end();
        }
      },
    };
  }

  /** A store whose commits are measured; decisions that change nothing do not count. */
  ofStore(store: Store): Store {
    const update: Store['update'] = async (author, decide) => {
      const end = this.#commits.startTimer({ writer: author.writer });
      const committed = await store.update(author, decide);
      if (committed.plan.steps.length > 0) end();
      return committed;
    };
    const known = new Map<string | symbol, unknown>([['update', update]]);
    return new Proxy(store, {
      get: (target, key) => {
        if (known.has(key)) return known.get(key);
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        const bound: unknown = value.bind(target);
        known.set(key, bound);
        return bound;
      },
    });
  }
}
