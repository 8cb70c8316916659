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
      spec: { defaultAffinity: entry.body.defaultAffinity, subnet: subnetText(subnet), nodePrefix, statsd: entry.body.statsd },
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

/** Tokens of machines that are to join, and of programs, without their secrets. */
export const tokens: Shape = {
  names: (view) => namesOf(view, 'Token'),
  describe: (view, name) => {
    const entry = view.get('Token', name);
    if (entry === undefined) return undefined;
    const { labels, expiresAt, node, uses, used, lastNode, robot } = entry.body;
    if (robot !== undefined) return resource('Token', view.grid, entry, { spec: { role: robot.role, expiresAt: isoTime(expiresAt) }, status: { usedAt: robot.usedAt === undefined ? undefined : isoTime(robot.usedAt) } });
    return resource('Token', view.grid, entry, { spec: { labels, expiresAt: isoTime(expiresAt), uses, node }, status: { used, lastNode } });
  },
  watches: { Token: (name) => [name] },
};

/** Credentials of people and programs, without their keys. */
export const credentials: Shape = {
  names: (view) => namesOf(view, 'Credential'),
  describe: (view, name) => {
    const entry = view.get('Credential', name);
    if (entry === undefined) return undefined;
    const { keyFingerprint, endsAt, authority, isRevoked } = entry.body;
    return resource('Credential', view.grid, entry, { spec: { endsAt: isoTime(endsAt), fingerprint: keyFingerprint }, status: { phase: isRevoked ? 'revoked' : 'valid', authority } });
  },
  watches: { Credential: (name) => [name] },
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
