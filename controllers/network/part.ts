import { countParts, type Entry, type GridNetwork, type LeaseBody, lowestFreePart, type NodeNetworkBody, overlaps, parseSubnet, type Subnet, subnetText } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';

/** Routes to this much of all addresses or more are ways out, whole or in halves as VPNs write them, and say nothing of what is there. */
const WAY_OUT_PREFIX = 7;

/** So many routes are named in a reason. */
const EXAMPLES = 3;

interface Part {
  readonly subnet?: string | undefined;
  /** Why there is none, or what is wrong with it. */
  readonly reason?: string | undefined;
}

interface Means extends GridNetwork {
  readonly view: View;
  readonly before: LeaseBody | undefined;
}

/** The part of the subnet that a node owns: the one it has, else the lowest that nobody has and that overlaps nothing the node routes. */
export function partOf({ routes }: NodeNetworkBody, { view, before, subnet, nodePrefix }: Means): Part {
  const routed = routes.flatMap((route) => parseSubnet(route) ?? []).filter(({ prefix }) => prefix > WAY_OUT_PREFIX);
  const mine = before?.subnet === undefined ? undefined : parseSubnet(before.subnet);
  if (mine !== undefined) return { subnet: before?.subnet, reason: whyUnusable(mine, routed) };

  const leased = view.list('Lease').map(leasedPart).filter((part) => part !== undefined);
  const free = lowestFreePart(subnet, nodePrefix, [...leased, ...routed]);
  if (free !== undefined) return { subnet: subnetText(free) };
  // By what it routes alone, which a lease of another does not change: nobody is told anew when the last part goes.
  const inTheWay = routed.filter((route) => overlaps(route, subnet));
  if (lowestFreePart(subnet, nodePrefix, inTheWay) === undefined) {
    return { reason: `every part of ${subnetText(subnet)} overlaps what the node routes already (${examples(inTheWay)}): free one there, or make a grid with another subnet` };
  }
  const besides = inTheWay.length === 0 ? '' : `, or overlap what the node routes already (${examples(inTheWay)})`;
  return { reason: `all ${countParts(subnet, nodePrefix)} parts of ${subnetText(subnet)} are taken${besides}: remove nodes that are gone, or make a grid with a larger subnet` };
}

function whyUnusable(mine: Subnet, routed: readonly Subnet[]): string | undefined {
  const inTheWay = routed.filter((route) => overlaps(route, mine));
  if (inTheWay.length === 0) return undefined;
  return `${subnetText(mine)} overlaps what the node routes by now (${examples(inTheWay)}): take that away there, or remove the node and let it join again`;
}

function examples(subnets: readonly Subnet[]): string {
  const texts = subnets.map(subnetText);
  return texts.length > EXAMPLES ? `${texts.slice(0, EXAMPLES).join(', ')} and ${texts.length - EXAMPLES} more` : texts.join(', ');
}

/** Read once per record: a thousand nodes that join at once each look at the leases of all before them. */
const parts = new WeakMap<LeaseBody, Subnet>();

function leasedPart({ body }: Entry<'Lease'>): Subnet | undefined {
  const known = parts.get(body);
  if (known !== undefined || body.subnet === undefined) return known;
  const part = parseSubnet(body.subnet);
  if (part !== undefined) parts.set(body, part);
  return part;
}
