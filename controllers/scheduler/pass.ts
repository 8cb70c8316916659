import { type Entry, type Instant, instanceName, type Refusal, type Revision, type ServiceSpec } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { type Candidate, candidates } from './candidate.js';
import { asksPerSlot, type Demand, demandOf } from './demand.js';
import { ABOUT_ROOM, refusedBy } from './filters.js';
import { refusals } from './refusals.js';
import { Source } from './source.js';

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
 * Gives the openings of one service their nodes, one after another, each seeing what those before it took.
 * Nodes are looked at once; which of them fit is worked out once per revision, and after each pick again for one node only.
 */
export class Pass {
  readonly nodes: readonly Candidate[];
  readonly #service: string;
  readonly #view: View;
  #byName: ReadonlyMap<string, Candidate> | undefined;
  /** By revision; slots that ask for different nodes get a source of their own each time. */
  readonly #sources = new Map<number, Source>();

  constructor({ service, view, now, kept, gone }: PassOptions) {
    this.#service = service;
    this.#view = view;
    this.nodes = candidates(view, now);
    for (const { body } of kept) {
      const candidate = this.#node(body.node);
      if (candidate !== undefined) candidate.mine += 1;
    }
    for (const { body } of gone) this.#node(body.node)?.release(body.reserves);
  }

  /** A first placement asks for no node by name. */
  #node(name: string): Candidate | undefined {
    this.#byName ??= new Map(this.nodes.map((candidate) => [candidate.name, candidate]));
    return this.#byName.get(name);
  }

  demand({ slot, spec, previous, isBound }: Opening): Demand {
    return demandOf({ service: this.#service, spec, slot, home: isBound ? previous : undefined }, this.#view);
  }

  /** The node for an opening, now taken; undefined when none fits. */
  place(opening: Opening): Choice | undefined {
    const found = opening.isBound && opening.previous !== undefined ? this.#return(opening, opening.previous) : this.#choose(opening);
    if (found === undefined) return undefined;
    found.candidate.take(found.demand.reserves);
    for (const source of this.#sources.values()) source.took(found.candidate);
    return { node: found.candidate.name, demand: found.demand, why: found.why };
  }

  /** Whether any node would take it. */
  fitsSomewhere(opening: Opening): boolean {
    const demand = this.demand(opening);
    return this.nodes.some((candidate) => refusedBy(demand, candidate) === undefined);
  }

  /** Instances that nodes which have some of a daemon's lack the room for. */
  shortOf(opening: Opening): number {
    const demand = this.demand(opening);
    const short = this.nodes.filter((candidate) => candidate.mine > 0 && ABOUT_ROOM.has(refusedBy(demand, candidate)?.name ?? ''));
    return short.reduce((sum, { mine }) => sum + Math.max(0, opening.spec.instances - mine), 0);
  }

  /** Why one node refuses it, in words that follow its name. */
  refusalBy(opening: Opening, node: string): string {
    const candidate = this.#node(node);
    const demand = this.demand(opening);
    return candidate === undefined ? 'was removed' : (refusedBy(demand, candidate)?.refusal(demand, candidate) ?? 'fits');
  }

  /** How many nodes each filter refuses an opening, with examples. */
  refusals(opening: Opening): readonly Refusal[] {
    return refusals(this.demand(opening), this.nodes);
  }

  #return(opening: Opening, previous: string): Found | undefined {
    const candidate = this.#node(previous);
    const demand = this.demand(opening);
    if (candidate === undefined || refusedBy(demand, candidate) !== undefined || hasShare(candidate, opening.spec)) return undefined;
    return { candidate, demand, why: opening.spec.stateful ? `its data is on ${previous}` : `it is ${previous}'s own` };
  }

  #choose(opening: Opening): Found | undefined {
    const source = this.#source(opening);
    const previous = opening.previous === undefined ? undefined : this.#node(opening.previous);
    const candidate = source.pick(instanceName(this.#service, opening.slot, this.#view.revision + 1), previous);
    if (candidate === undefined) return undefined;
    return { candidate, demand: source.demand, why: whyThere(candidate, previous, source.size, opening.spec) };
  }

  #source(opening: Opening): Source {
    const known = this.#sources.get(opening.revision);
    if (known !== undefined) return known;
    const source = new Source(this.nodes, this.demand(opening), opening.spec);
    if (!asksPerSlot(opening.spec, this.#view)) this.#sources.set(opening.revision, source);
    return source;
  }
}

/** A daemon has so many on a node and no more. */
const hasShare = ({ mine }: Candidate, { deploy, instances }: ServiceSpec): boolean => deploy.strategy === 'daemon' && mine >= instances;

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
