import { type Entry, isoTime, type NodePhase } from '../../model/index.js';
import type { Resource, View } from '../../ports/index.js';
import { defined } from '../defined.js';
import { confirmation } from './confirmation.js';
import { namesOf, resource, type Shape } from './resource.js';

/** Nodes: what people decided about them, what they are and how they fare. */
export const nodes: Shape = {
  names: (view) => namesOf(view, 'Node'),
  describe: (view, name) => {
    const entry = view.get('Node', name);
    return entry === undefined ? undefined : describeNode(entry, view);
  },
  watches: {
    Node: (name) => [name],
    Health: (name) => [name],
    Facts: (name) => [name],
    Pulse: (name) => [name],
    Lease: (name) => [name],
    NodeNetwork: (name) => [name],
    Instance: (name, view) => {
      const node = view.get('Instance', name)?.body.node;
      return node === undefined ? 'all' : [node]; // where it was is gone with it
    },
  },
};

function describeNode(entry: Entry<'Node'>, view: View): Resource {
  const { labels, availability, number } = entry.body;
  const health = view.get('Health', entry.name)?.body;
  const pulse = view.get('Pulse', entry.name)?.body;
  const { cpus, memoryBytes, ports, instances } = view.reservedOn(entry.name);
  const since = health?.since ?? entry.updatedAt;
  return resource('Node', view.grid, entry, {
    spec: { labels, availability, number },
    status: {
      phase: nodePhase(entry.name, view),
      since: isoTime(since),
      reason: reasonOf(confirmation(entry.name, view), pulse?.reason),
      facts: view.get('Facts', entry.name)?.body,
      reserved: { cpus, memoryBytes, ports: [...ports.keys()].sort() },
      instances,
      network: networkOf(entry.name, view),
    },
  });
}

function reasonOf(...reasons: readonly (string | undefined)[]): string | undefined {
  const given = reasons.filter((reason) => reason !== undefined);
  return given.length === 0 ? undefined : given.join('; ');
}

/** Its part of the grid's network, how others reach it, and what is wrong. */
function networkOf(node: string, view: View): Readonly<Record<string, unknown>> {
  const said = view.get('NodeNetwork', node)?.body;
  return defined({ ...view.get('Lease', node)?.body, implementation: said?.implementation, problems: said === undefined || said.problems.length === 0 ? undefined : said.problems });
}

/** The phase as decided, but for a node that was there and of which nothing can be known yet: `unknown`. */
export function nodePhase(node: string, view: View): NodePhase | 'unknown' {
  const phase = view.get('Health', node)?.body.phase ?? 'created';
  const state = view.get('Pulse', node)?.body.state ?? 'unheard';
  return state === 'unheard' && phase !== 'created' ? 'unknown' : phase;
}
