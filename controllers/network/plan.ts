import { type Change, drop, gridNetwork, isSame, type LeaseBody, type NodeNetworkBody, type Plan, put } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { addressesOf } from './addresses.js';
import { keyOf } from './key.js';
import { partOf } from './part.js';

/**
 * Decides what is recorded of one node's place in its grid's network. A node is given its part when it first says what it
 * routes already, since it keeps the part for its life; of a silent node nothing changes.
 */
export function plan(node: string, view: View): Plan<Change> {
  const before = view.get('Lease', node)?.body;
  if (view.get('Node', node) === undefined) return { steps: before === undefined ? [] : [drop('Lease', node, 'the node was removed')] };

  const said = view.get('NodeNetwork', node)?.body;
  const grid = view.get('Grid', view.grid)?.body;
  if (said === undefined || grid === undefined) return { steps: [] };
  const lease = leaseOf(node, said, { ...gridNetwork(grid), view, before });
  return { steps: before !== undefined && isSame(before, lease) ? [] : [put('Lease', node, lease, whyChanged(before, lease))] };
}

function leaseOf(node: string, said: NodeNetworkBody, means: Parameters<typeof partOf>[1]): LeaseBody {
  const part = partOf(said, means);
  const key = keyOf(node, said, means.view);
  const reasons = [part.reason, key.reason].filter((reason) => reason !== undefined);
  return {
    ...(part.subnet === undefined ? {} : { subnet: part.subnet }),
    ...(reasons.length === 0 ? {} : { reason: reasons.join('; ') }),
    ...(key.publicKey === undefined ? {} : { publicKey: key.publicKey }),
    ...addressesOf(said),
  };
}

function whyChanged(before: LeaseBody | undefined, after: LeaseBody): string {
  if (before?.subnet !== after.subnet) return `owns ${String(after.subnet)}`;
  if (before?.reason !== after.reason) return after.reason ?? 'nothing is wrong with it any more';
  return before?.publicKey === after.publicKey ? 'it is reached elsewhere' : `its key is ${after.publicKey === undefined ? 'gone' : 'new'}`;
}
