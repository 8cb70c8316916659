import { type DeploySpec, elapsedMs, type HealthBody, type Instant, later, type Millis, type Strategy } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';

/** How long a silent node keeps its instances, by strategy: what has one on every node gains nothing by moving. */
const GRACE_MS: Readonly<Record<Strategy, Millis>> = { daemon: 10 * 60_000, ha: 2 * 60_000, random: 30_000 };

/** Nodes that vanish this close to each other have a common cause, which is more likely to lie between them and the master than in them. */
export const TOGETHER_MS: Millis = 30_000;
const FEWEST_TOGETHER = 3;

const graceMs = ({ strategy, graceSeconds }: DeploySpec): Millis =>
  graceSeconds === undefined ? GRACE_MS[strategy] : graceSeconds * 1000;

/**
 * `there`: its work stays. `silent`: offline, but still within its grace. `lost`: offline for longer. `held`: it would be
 * lost, had not most nodes gone with it.
 */
export type Standing = 'there' | 'silent' | 'lost' | 'held';

/** What has become of the nodes that went offline. */
export class Losses {
  readonly #view: View;
  readonly #now: Instant;
  #together: ReadonlySet<string> | undefined;

  constructor(view: View, now: Instant) {
    this.#view = view;
    this.#now = now;
  }

  standing(node: string, health: HealthBody | undefined, deploy: DeploySpec): Standing {
    if (health?.phase !== 'offline') return 'there';
    if (elapsedMs(health.since, this.#now) < graceMs(deploy)) return 'silent';
    return this.together.has(node) ? 'held' : 'lost';
  }

  /** When a silent node's grace is over. */
  deadline(node: string, deploy: DeploySpec): Instant | undefined {
    const health = this.#view.get('Health', node)?.body;
    return health === undefined ? undefined : later(health.since, graceMs(deploy));
  }

  /** Nodes that went offline together, when they are more than half of the grid's. */
  get together(): ReadonlySet<string> {
    return (this.#together ??= this.#findTogether());
  }

  #findTogether(): ReadonlySet<string> {
    const offline = this.#view.list('Health').filter(({ body, name }) => body.phase === 'offline' && this.#view.get('Node', name) !== undefined);
    const sorted = [...offline].sort((a, b) => a.body.since - b.body.since);
    const least = Math.max(FEWEST_TOGETHER, Math.floor(this.#view.list('Node').length / 2) + 1);
    const found = new Set<string>();
    for (let first = 0, last = 0; last < sorted.length; last += 1) {
      while (elapsedMs(sorted[first]?.body.since as Instant, sorted[last]?.body.since as Instant) > TOGETHER_MS) first += 1;
      if (last - first + 1 >= least) for (const { name } of sorted.slice(first, last + 1)) found.add(name);
    }
    return found;
  }
}
