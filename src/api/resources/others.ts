import { countParts, gridNetwork, isoTime, subnetText } from '../../model/index.js';
import type { View } from '../../ports/index.js';
import { nodePhase } from './node.js';
import { namesOf, resource, type Shape } from './resource.js';

const itself = (_name: string, view: View): readonly string[] => [view.grid];

/** The grid itself: one in each view. */
export const grids: Shape = {
  names: (view) => (view.get('Grid', view.grid) === undefined ? [] : [view.grid]),
  describe: (view, name) => {
    const entry = view.get('Grid', name);
    if (entry === undefined) return undefined;
    const { subnet, nodePrefix } = gridNetwork(entry.body);
    return resource('Grid', view.grid, entry, {
      spec: { defaultAffinity: entry.body.defaultAffinity, subnet: subnetText(subnet), nodePrefix },
      status: {
        nodes: countNodes(view),
        stacks: view.list('Stack').length,
        parts: { taken: view.list('Lease').filter(({ body }) => body.subnet !== undefined).length, total: countParts(subnet, nodePrefix) },
      },
    });
  },
  watches: { Grid: itself, Node: itself, Lease: itself, Health: itself, Pulse: itself, Stack: itself },
};

function countNodes(view: View): { readonly total: number; readonly online: number } {
  const names = namesOf(view, 'Node');
  return { total: names.length, online: names.filter((name) => nodePhase(name, view) === 'online').length };
}

/** Join tokens, without their secrets. */
export const tokens: Shape = {
  names: (view) => namesOf(view, 'Token'),
  describe: (view, name) => {
    const entry = view.get('Token', name);
    if (entry === undefined) return undefined;
    return resource('Token', view.grid, entry, { spec: { labels: entry.body.labels, expiresAt: isoTime(entry.body.expiresAt) }, status: {} });
  },
  watches: { Token: (name) => [name] },
};

/** Watched files. */
export const sources: Shape = {
  names: (view) => namesOf(view, 'Source'),
  describe: (view, name) => {
    const entry = view.get('Source', name);
    if (entry === undefined) return undefined;
    const { directory, stack, error, at } = entry.body;
    return resource('Source', view.grid, entry, { spec: { directory, stack }, status: { error, at: isoTime(at) } });
  },
  watches: { Source: (name) => [name] },
};
