/** Gives each node a part of its grid's subnet, and keeps what its peers need to reach it. */
import type { Controller } from '../../src/reconcile/index.js';
import { plan } from './plan.js';
import { waitForKey, waitForPart } from './waiting.js';

/** Subject: a node. Reads: Node, Grid, Lease, NodeNetwork. Writes: Lease. */
export const network: Controller = {
  name: 'network',
  watches: {
    Node: (name) => [name],
    NodeNetwork: (name) => [name],
    // What one node gives up, its part or its key, another may be waiting for.
    Lease: (name, view) => [name, ...waitForKey(view), ...(view.get('Lease', name) === undefined ? waitForPart(view) : [])],
    Grid: (_name, view) => waitForPart(view),
  },
  subjects: (view) => [...new Set([...view.list('Node'), ...view.list('Lease')].map(({ name }) => name))],
  plan,
};
