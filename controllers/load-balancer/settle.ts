import { type BalancerSpec, type Claim, claimsOf, mayShare, ownClaims, type Revision, type RouteBody, type RouteSpec } from '../../src/model/index.js';

/** A service that is to be served, in its current form. */
export interface Claimant {
  readonly service: string;
  readonly route: RouteSpec;
  readonly revision: Revision;
  /** What is served of it so far. */
  readonly served: RouteSpec | undefined;
}

type Settled = Pick<RouteBody, 'spec' | 'isServed' | 'reason'>;

/**
 * Settles what several claim, by service: who has it keeps it; of newcomers, the one declared first gets it. Who loses is
 * served without the host in question, or not at all where nothing else is left, and all others as they wish.
 */
export function settle(claimants: readonly Claimant[], balancer: BalancerSpec): ReadonlyMap<string, Settled> {
  const inOrder = [...claimants].sort((a, b) => a.revision - b.revision || (a.service < b.service ? -1 : 1));
  const owners = new Owners(ownClaims(balancer));
  for (const { service, route, served } of inOrder) {
    const had = new Set(served === undefined ? [] : claimsOf(served).map(({ what }) => what));
    for (const claim of claimsOf(route)) if (had.has(claim.what)) owners.give(claim, service);
  }
  return new Map(inOrder.map(({ service, route }) => {
    const lost = claimsOf(route).flatMap((claim) => {
      const owner = owners.give(claim, service);
      return owner === service ? [] : [{ claim, owner }];
    });
    const settled = without(lost, route);
    owners.keep(service, settled);
    return [service, settled];
  }));
}

/** Who has what by now. */
class Owners {
  readonly #given = new Map<string, { readonly claim: Claim; readonly service: string }[]>();

  constructor(own: readonly Claim[]) {
    for (const claim of own) this.give(claim, 'the balancer itself');
  }

  /** Gives it, unless another has it who does not share. @returns who has it */
  give(claim: Claim, service: string): string {
    const given = this.#given.get(claim.what) ?? [];
    const other = given.find((one) => one.service !== service && !mayShare(one.claim, claim));
    if (other !== undefined) return other.service;
    if (given.every((one) => one.service !== service)) this.#given.set(claim.what, [...given, { claim, service }]);
    return service;
  }

  /** What is not served of a service is free for those who come after. */
  keep(service: string, { spec, isServed }: Settled): void {
    const kept = new Set(isServed ? claimsOf(spec).map(({ what }) => what) : []);
    for (const [what, given] of this.#given) if (!kept.has(what)) this.#given.set(what, given.filter((one) => one.service !== service));
  }
}

function without(lost: readonly { readonly claim: Claim; readonly owner: string }[], spec: RouteSpec): Settled {
  if (lost.length === 0) return { spec, isServed: true };
  const reason = lost.map(({ claim, owner }) => `${claim.what} belongs to ${owner}`).join('; ');
  const gone = new Set(lost.map(({ claim }) => claim.host));
  const hosts = spec.hosts.filter((host) => !gone.has(host));
  return gone.has(undefined) || hosts.length === 0 ? { spec, isServed: false, reason } : { spec: { ...spec, hosts }, isServed: true, reason };
}
