import { drop, KontenaError, type NodeBody, put, type Revision } from '../model/index.js';
import type { Author, NodeCalls, NodeChange, Nodes, Store } from '../ports/index.js';
import type { AuthorIn } from './author-in.js';
import { readAgentLogs } from './logs.js';
import { withoutKind } from './names.js';
import { requireNode } from './require-node.js';
import { nodeStatistics, type StatisticsMeans } from './statistics.js';

interface Means extends StatisticsMeans {
  readonly nodes: Pick<Nodes, 'ask' | 'logs'>;
}

/** What may be asked of nodes. */
export const nodeCalls = (means: Means, author: AuthorIn): NodeCalls => ({
  update: (grid, node, change) => updateNode(means.store, author(grid), withoutKind('node', node), change),
  logs: (grid, node, search, signal) => readAgentLogs(means, { grid, names: [requireNode(withoutKind('node', node), means.store.view(grid)).name], search }, undefined, signal),
  statistics: (grid, query) => nodeStatistics(means, grid, query),
  rotateKeys: async (grid, node, signal) => rotateKeys(means, grid, withoutKind('node', node), signal),
});

/**
 * Changes what people decide about a node.
 *
 * @throws KontenaError KON_NOT_FOUND, KON_INVALID when a label cannot be one
 */
async function updateNode(store: Store, author: Author, name: string, change: NodeChange): Promise<{ readonly revision: Revision }> {
  if (change.labels !== undefined) requireLabels(change.labels);
  const { plan, revision } = await store.update(author, (view) => {
    const { body: before, revision: at } = requireNode(name, view);
    const { isUnconfirmed, ...confirmed } = before;
    const after: NodeBody = {
      ...(change.isConfirmed === true ? confirmed : before),
      ...(change.availability && { availability: change.availability }),
      ...(change.labels && { labels: change.labels }),
    };
    const isSame = before.availability === after.availability && before.labels.join('\n') === after.labels.join('\n') && isUnconfirmed === after.isUnconfirmed;
    return { steps: isSame ? [] : [put('Node', name, after, whyChanged(before, after))], at };
  });
  return { revision: plan.steps.length > 0 ? revision : plan.at };
}

/**
 * Removes a node: what ran there is placed elsewhere, and its agent is not let in again without a new token.
 * One whose agent is there must be emptied first, so that nothing is torn from under its users by a slip of the hand.
 *
 * @throws KontenaError KON_NOT_FOUND, KON_CONFLICT while it is connected and not drained and empty
 */
export async function removeNode(store: Store, author: Author, name: string): Promise<{ readonly revision: Revision }> {
  const { revision } = await store.update(author, (view) => {
    const { body } = requireNode(name, view);
    const pulse = view.get('Pulse', name)?.body.state;
    if (pulse === 'heard' || pulse === 'engine') {
      const busy = view.instancesOn(name).filter((instance) => instance.body.wanted === 'running').length;
      if (body.availability !== 'drain') throw new KontenaError('KON_CONFLICT', `node ${name} is connected: drain it first, or stop its agent`);
      if (busy > 0) throw new KontenaError('KON_CONFLICT', `node ${name} is connected and ${busy} instances are still to run there: wait until they have moved, or stop its agent`);
    }
    return { steps: [drop('Node', name, 'removed')] };
  });
  return { revision };
}

/** @throws KontenaError KON_NOT_FOUND, KON_NODE_UNREACHABLE */
function rotateKeys({ store, nodes }: Pick<Means, 'store' | 'nodes'>, grid: string, node: string, signal: AbortSignal): Promise<{ readonly publicKey: string }> {
  const { name } = requireNode(node, store.view(grid));
  return nodes.ask<'rotate-keys'>({ grid, name }, { kind: 'rotate-keys' }, signal);
}

/** @throws KontenaError KON_INVALID */
export function requireLabels(labels: readonly string[]): void {
  const wrong = labels.find((label) => !LABEL.test(label));
  if (wrong !== undefined) throw new KontenaError('KON_INVALID', `"${wrong}" cannot be a label: \`key\` or \`key=value\` without spaces is wanted`);
}

const LABEL = /^[^\s=]+(=\S*)?$/;

function whyChanged(before: NodeBody, after: NodeBody): string {
  if (before.isUnconfirmed !== after.isUnconfirmed) return 'confirmed: the machine that was it before is gone';
  if (before.availability === after.availability) return 'labels set';
  return after.availability === 'drain' ? 'drained' : 'made active';
}
