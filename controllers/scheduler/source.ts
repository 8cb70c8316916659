import type { ServiceSpec } from '../../src/model/index.js';
import type { Candidate } from './candidate.js';
import type { Demand } from './demand.js';
import { filtersFor, refusedBy } from './filters.js';
import { type Pool, pool } from './pools.js';

/** Nodes for the slots that ask for the same: those wished for first, and when they are full, the rest. */
export class Source {
  readonly demand: Demand;
  readonly #nodes: readonly Candidate[];
  readonly #spec: ServiceSpec;
  #pool: Pool;
  #isUsedUp = false;

  constructor(nodes: readonly Candidate[], demand: Demand, spec: ServiceSpec) {
    this.#nodes = nodes;
    this.demand = demand;
    this.#spec = spec;
    this.#pool = this.#gather();
  }

  /** How many nodes there were to choose from. */
  get size(): number {
    return this.#pool.size;
  }

  pick(instance: string, previous: Candidate | undefined): Candidate | undefined {
    if (this.#isUsedUp) return undefined;
    let candidate = this.#pool.pick(instance, previous);
    if (candidate === undefined && this.demand.wishes.length > 0 && !this.#isDaemon) {
      this.#pool = this.#gather();
      candidate = this.#pool.pick(instance, previous);
    }
    this.#isUsedUp = candidate === undefined;
    return candidate;
  }

  took(candidate: Candidate): void {
    this.#pool.took(candidate);
  }

  get #isDaemon(): boolean {
    return this.#spec.deploy.strategy === 'daemon';
  }

  #gather(): Pool {
    const { demand } = this;
    const filters = filtersFor(demand);
    const isAllowed = (candidate: Candidate): boolean => refusedBy(demand, candidate, filters) === undefined;
    // A daemon's wish chooses among all its nodes, those that have their share already too: the others are not a second best.
    const { left, granted } = narrow(this.#nodes.filter((candidate) => (this.#isDaemon && candidate.mine > 0) || isAllowed(candidate)), demand);
    const hasShare = (candidate: Candidate): boolean => this.#isDaemon && candidate.mine >= this.#spec.instances;
    const fits = (candidate: Candidate): boolean => !hasShare(candidate) && isAllowed(candidate) && granted.every((wish) => wish.holds(candidate));
    const aboutNodes = demand.rules.filter(({ isAboutNodes }) => isAboutNodes);
    const spreadOver = aboutNodes.length === 0 ? this.#nodes : this.#nodes.filter((candidate) => aboutNodes.every((rule) => rule.holds(candidate)));
    return pool({ strategy: this.#spec.deploy.strategy, candidates: this.#isDaemon ? left.filter(fits) : left, fits, spreadOver });
  }
}

/** Each wish, in order, narrows the nodes that fit, unless it would leave none. */
function narrow(fitting: readonly Candidate[], { wishes }: Demand): { readonly left: readonly Candidate[]; readonly granted: Demand['wishes'] } {
  let left = fitting;
  const granted = wishes.filter((wish) => {
    const liked = left.filter((candidate) => wish.holds(candidate));
    if (liked.length > 0) left = liked;
    return liked.length > 0;
  });
  return { left, granted };
}
