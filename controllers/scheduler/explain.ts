import type { Instant } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { type Candidate, candidates } from './candidate.js';
import { type Demand, demandOf } from './demand.js';
import { FILTERS } from './filters.js';
import { homeOf } from './home.js';
import { orderOf, revisionOf, specOf } from './service.js';

/** What every filter says of every node for one slot, as it would be placed now. */
export interface Explanation {
  readonly service: string;
  readonly slot: number;
  /** Names of the filters, in the order in which they are asked. */
  readonly filters: readonly string[];
  readonly nodes: readonly NodeVerdict[];
}

export interface NodeVerdict {
  readonly node: string;
  readonly fits: boolean;
  /** By filter; one that does not refuse the node is absent. */
  readonly refusals: Readonly<Record<string, string>>;
  /** Soft affinity, rule by rule. */
  readonly wishes: readonly { readonly rule: string; readonly holds: boolean }[];
  /** Instances of the service that it has. */
  readonly instances: number;
  /** Share of the node's memory that is reserved, 0 to 1. */
  readonly memoryShare: number;
}

/** The whole table for one slot of a service; undefined when the service is not to run. Nodes in the order of names. */
export function explain(service: string, slot: number, view: View, now: Instant): Explanation | undefined {
  const order = orderOf(service, view);
  if (order === undefined || order === 'unknown') return undefined;
  const spec = specOf(service, revisionOf(order, slot), view) ?? order.spec;
  const own = view.instancesOf(service);
  const before = own.findLast(({ body }) => body.slot === slot);
  const demand = demandOf({ service, spec, slot, home: homeOf({ service, slot, spec, before, wasStateful: true }, view) }, view);

  const nodes = candidates(view, now);
  for (const { body } of own) {
    const candidate = nodes.find(({ name }) => name === body.node);
    if (body.slot === slot) candidate?.release(body.reserves); // what it holds itself is no obstacle to it
    else if (candidate !== undefined && body.wanted === 'running') candidate.mine += 1;
  }
  return { service, slot, filters: FILTERS.map(({ name }) => name), nodes: nodes.map((candidate) => verdict(demand, candidate)) };
}

function verdict(demand: Demand, candidate: Candidate): NodeVerdict {
  const refusals = FILTERS.flatMap(({ name, refusal }) => {
    const reason = refusal(demand, candidate);
    return reason === undefined ? [] : [[name, reason] as const];
  });
  return {
    node: candidate.name,
    fits: refusals.length === 0,
    refusals: Object.fromEntries(refusals),
    wishes: demand.wishes.map((wish) => ({ rule: wish.text, holds: wish.holds(candidate) })),
    instances: candidate.mine,
    memoryShare: candidate.memoryShare,
  };
}
