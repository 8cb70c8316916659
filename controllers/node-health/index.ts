/** Says of each node in which phase of its life it is, and since when. */
import type { Controller } from '../../src/reconcile/index.js';
import { plan } from './plan.js';

/** Subject: a node. Reads: Node, Pulse, Facts, Health. Writes: Health. */
export const nodeHealth: Controller = {
  name: 'node-health',
  watches: { Node: (name) => [name], Pulse: (name) => [name], Facts: (name) => [name] },
  subjects: (view) => [...new Set([...view.list('Node'), ...view.list('Health')].map(({ name }) => name))],
  plan,
};
