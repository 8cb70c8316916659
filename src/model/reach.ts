import type { Records } from './heads.js';
import type { StackSpec } from './service.js';

/** What a stack says of who may reach it. */
export type Policy = Pick<StackSpec, 'allow' | 'networks'>;

const DEFAULT_NETWORKS: readonly string[] = ['default'];

/**
 * Whether instances of one stack may open connections to those of another: of its own always; where it says which may, those
 * alone; otherwise those that share a network with it. A stack that nobody declared says nothing.
 */
export function mayReach(from: string, to: string, stacks: Readonly<Record<string, Policy>>): boolean {
  if (from === to) return true;
  const allow = policyOf(to, stacks).allow;
  if (allow !== undefined) return allow.includes(from);
  const networks = networksOf(from, stacks);
  return networksOf(to, stacks).some((network) => networks.includes(network));
}

const policyOf = (stack: string, stacks: Readonly<Record<string, Policy>>): Policy => (Object.hasOwn(stacks, stack) ? (stacks[stack] ?? {}) : {});

const networksOf = (stack: string, stacks: Readonly<Record<string, Policy>>): readonly string[] => policyOf(stack, stacks).networks ?? DEFAULT_NETWORKS;

/** A stack that not all of its grid may reach. */
export interface Restricted {
  readonly stack: string;
  /** The stacks that may, itself among them, in the order of names. */
  readonly from: readonly string[];
}

/** Of the stacks with instances on a node, those that not all may reach, in the order of names. */
export function restrictedOn(records: Records, node: string): readonly Restricted[] {
  const stacks: Readonly<Record<string, Policy>> = Object.fromEntries(records.list('Stack').map(({ name, body }) => [name, body.spec]));
  if (Object.values(stacks).every(({ allow, networks }) => allow === undefined && networks === undefined)) return [];
  const here = new Set(records.instancesOn(node).map(({ body }) => stackOf(body.service)));
  // One that was removed is here until all of it has stopped.
  const all = [...new Set([...Object.keys(stacks), ...here])].sort();
  return [...here].sort().flatMap((stack) => {
    const from = all.filter((other) => mayReach(other, stack, stacks));
    return from.length === all.length && policyOf(stack, stacks).allow === undefined ? [] : [{ stack, from }];
  });
}

/** `todo` of `todo/web`. */
const stackOf = (service: string): string => service.slice(0, service.indexOf('/'));
