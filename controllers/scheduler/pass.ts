import { type Instant, instanceName, type Refusal, type Revision, type ServiceSpec, type Entry } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { type Candidate, candidates } from './candidate.js';
import { asksPerSlot, type Demand, demandOf } from './demand.js';
import { refusals } from './refusals.js';
import { refusedBy } from './filters.js';
import { type Pool, pool } from './pools.js';

/** A slot that is to be given a node. */
export interface Opening {
  readonly slot: number;
  /** Of the service's declaration. */
  readonly revision: Revision;
  readonly spec: ServiceSpec;
  /** Where the slot ran before. */
  readonly previous: string | undefined;
  /** It can run nowhere else: its data is there, or it is that node's own. */
  readonly isBound: boolean;
}

export interface Choice {
  readonly node: string;
  readonly demand: Demand;
  /** Why there, e.g. `n3 has most room of 3 nodes that fit`. */
  readonly why: string;
}

/**
 * Gives the openings of one service their nodes, one after another, each seeing what those before it took. Nodes are
 * looked at once, when the first is placed: a plan that places nothing costs nothing here.
 */
export class Pass {
  readonly #service: string;
  readonly #view: View;
  readonly #nodes: readonly Candidate[];
  readonly #byName: ReadonlyMap<string, Candidate>;
  readonly #zones = new Map<string, number>();
  readonly #pools = new Map<string, { readonly demand: Demand; pool: Pool; isUsedUp: boolean }>();

  constructor({ service, view, now, kept, gone }: PassOptions) {
    this.#service = service;
    this.#view = view;
    this.#nodes = candidates(view, now);
    this.#byName = new Map(this.#nodes.map((candidate) => [candidate.name, candidate]));
    for (const { body } of kept) this.#count(this.#byName.get(body.node));
    for (const { body } of gone) this.#byName.get(body.node)?.release(body.reserves);
  }

  get nodes(): readonly Candidate[] {
    return this.#nodes;
  }

  demand({ slot, spec, previous, isBound }: Opening): Demand {
    return demandOf({ service: this.#service, spec, slot, home: isBound ? previous : undefined }, this.#view);
  }

  /** The node for an opening, now taken; undefined when none fits. */
  place(opening: Opening): Choice | undefined {
    const found = opening.isBound && opening.previous !== undefined ? this.#return(opening, opening.previous) : this.#choose(opening);
    if (found === undefined) return undefined;
    found.candidate.take(found.demand.reserves);
    this.#zones.set(found.candidate.facts.zone, (this.#zones.get(found.candidate.facts.zone) ?? 0) + 1);
    return { node: found.candidate.name, demand: found.demand, why: found.why };
  }

  /** Whether any node would take it. */
  fitsSomewhere(opening: Opening): boolean {
    const demand = this.demand(opening);
    return this.#nodes.some((candidate) => refusedBy(demand, candidate) === undefined);
  }

  /** Why one node refuses it, in words that follow its name. */
  refusalBy(opening: Opening, node: string): string {
    const candidate = this.#byName.get(node);
    const demand = this.demand(opening);
    return candidate === undefined ? 'was removed' : (refusedBy(demand, candidate)?.refusal(demand, candidate) ?? 'fits');
  }

  /** How many nodes each filter refuses an opening, with examples. */
  refusals(opening: Opening): readonly Refusal[] {
    return refusals(this.demand(opening), this.#nodes);
  }

  #return(opening: Opening, previous: string): Found | undefined {
    const candidate = this.#byName.get(previous);
    const demand = this.demand(opening);
    if (candidate === undefined || refusedBy(demand, candidate) !== undefined) return undefined;
    return { candidate, demand, why: opening.spec.stateful ? `its data is on ${previous}` : `it is ${previous}'s own` };
  }

  #choose(opening: Opening): Found | undefined {
    const key = asksPerSlot(opening.spec, this.#view) ? `${opening.revision}.${opening.slot}` : String(opening.revision);
    let entry = this.#pools.get(key);
    if (entry === undefined) {
      const demand = this.demand(opening);
      this.#pools.set(key, (entry = { demand, pool: this.#pool(opening, demand), isUsedUp: false }));
    }
    if (entry.isUsedUp) return undefined;

    const previous = opening.previous === undefined ? undefined : this.#byName.get(opening.previous);
    const instance = instanceName(this.#service, opening.slot, this.#view.revision + 1);
    let candidate = entry.pool.pick(instance, previous);
    if (candidate === undefined && entry.demand.wishes.length > 0) {
      entry.pool = this.#pool(opening, entry.demand); // those that were wished for are full: the rest will do
      candidate = entry.pool.pick(instance, previous);
    }
    if (candidate === undefined) entry.isUsedUp = true;
    return candidate === undefined ? undefined : { candidate, demand: entry.demand, why: whyThere(candidate, previous, entry.pool.size, opening.spec) };
  }

  #pool({ spec }: Opening, demand: Demand): Pool {
    const hasQuota = spec.deploy.strategy === 'daemon';
    const fitsAtAll = (candidate: Candidate): boolean =>
      (!hasQuota || candidate.mine < spec.instances) && refusedBy(demand, candidate) === undefined;
    const { left, granted } = narrow(this.#nodes.filter(fitsAtAll), demand);
    const fits = (candidate: Candidate): boolean => fitsAtAll(candidate) && granted.every((wish) => wish.holds(candidate));
    return pool({ strategy: spec.deploy.strategy, candidates: left, fits, zones: this.#zones });
  }

  #count(candidate: Candidate | undefined): void {
    if (candidate === undefined) return;
    candidate.mine += 1;
    this.#zones.set(candidate.facts.zone, (this.#zones.get(candidate.facts.zone) ?? 0) + 1);
  }
}

interface PassOptions {
  readonly service: string;
  readonly view: View;
  readonly now: Instant;
  /** Instances of the service that stay. */
  readonly kept: readonly Entry<'Instance'>[];
  /** Those that are gone and hold nothing any more, though their records still say so. */
  readonly gone: readonly Entry<'Instance'>[];
}

interface Found {
  readonly candidate: Candidate;
  readonly demand: Demand;
  readonly why: string;
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

function whyThere({ name }: Candidate, previous: Candidate | undefined, fitting: number, { deploy }: ServiceSpec): string {
  if (fitting === 1) return `${name} is the only node that fits`;
  if (previous?.name === name) return `it ran on ${name} before`;
  switch (deploy.strategy) {
    case 'ha':
      return `${name} has most room of ${fitting} nodes that fit`;
    case 'daemon':
      return `${name} had fewest of ${fitting} nodes that fit`;
    case 'random':
      return `${name} came out by chance of ${fitting} nodes that fit`;
  }
}
