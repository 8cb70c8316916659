import { countOf, type Histogram, KontenaError, type Lookup, quantileMs } from '../model/index.js';
import type { LookUpAnswer, LookUpQuery, NetworkCalls, NetworkItem, NetworkQuery, Nodes, Store, View } from '../ports/index.js';
import { withoutKind } from './names.js';
import { meantBy } from './near-name.js';
import { requireGrid } from './require-grid.js';
import { requireNode } from './require-node.js';

interface Means {
  readonly store: Store;
  readonly nodes: Pick<Nodes, 'ask' | 'served'>;
}

/** What may be asked of a grid's network. */
export const networkCalls = (means: Means): NetworkCalls => ({
  status: (grid, query, signal) => networkOf(means, grid, query, signal),
  lookUp: (grid, query, signal) => lookUp(means, grid, query, signal),
});

/** How the network of one node is, or of all, each as it says itself. @throws KontenaError KON_NOT_FOUND */
async function* networkOf({ store, nodes }: Means, grid: string, { node, isProbed }: NetworkQuery, signal: AbortSignal): AsyncGenerator<NetworkItem> {
  const asked = node === undefined ? allNodes(store.view(grid)) : [requireNode(withoutKind('node', node), store.view(grid)).name];
  const answers = asked.map((name) => ask(nodes, { grid, name }, isProbed, signal)); // all at once: each takes as long as its tunnels do
  for (const answer of answers) yield await answer;
  yield servedItem(nodes.served(grid));
}

async function ask(nodes: Means['nodes'], at: { readonly grid: string; readonly name: string }, isProbed: boolean, signal: AbortSignal): Promise<NetworkItem> {
  try {
    return { type: 'node', node: at.name, network: await nodes.ask<'network'>(at, { kind: 'network', isProbed }, signal) };
  } catch (error) {
    if (!(error instanceof KontenaError)) throw error;
    return { type: 'unreachable', node: at.name, reason: error.message };
  }
}

function servedItem(lengths: Histogram): NetworkItem {
  const [medianMs, p99Ms] = [quantileMs(lengths, 0.5), quantileMs(lengths, 0.99)];
  return { type: 'served', count: countOf(lengths), ...(isBound(medianMs) ? { medianMs } : {}), ...(isBound(p99Ms) ? { p99Ms } : {}) };
}

const isBound = (length: number | undefined): length is number => length !== undefined && length !== Infinity;

/** Of a word with a dot others are asked, unless it is a name of the grid. */
const NOT_OF_THE_GRID: ReadonlySet<Lookup['kind']> = new Set(['unknown', 'elsewhere']);

/** Letters, digits, dots, dashes and underscores, as names in the network have. */
const NAME = /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?$/;

/** What a name means on a node, or on any that is connected; of one that means nothing in the grid, what was perhaps meant. @throws KontenaError KON_INVALID, KON_NOT_FOUND, KON_NODE_UNREACHABLE */
async function lookUp({ store, nodes }: Means, grid: string, { name, node }: LookUpQuery, signal: AbortSignal): Promise<LookUpAnswer> {
  if (!NAME.test(name)) throw new KontenaError('KON_INVALID', `"${name}" is no name that could be looked up: web, web.todo or web-2.todo.${grid}.kontena.local are`);
  const view = store.view(grid);
  const askedNode = node === undefined ? anyConnected(view) : requireNode(withoutKind('node', node), view).name;
  const found = await nodes.ask<'lookup'>({ grid, name: askedNode }, { kind: 'lookup', name }, signal);
  const meant = NOT_OF_THE_GRID.has(found.kind) ? meantBy(name, view) : undefined;
  return { ...found, ...(meant === undefined ? {} : { because: `${found.because}; ${meant}` }), askedNode };
}

function allNodes(view: View): readonly string[] {
  requireGrid(view);
  return view.list('Node').map(({ name }) => name);
}

function anyConnected(view: View): string {
  const name = allNodes(view).find((one) => view.get('Pulse', one)?.body.state === 'heard');
  if (name === undefined) throw new KontenaError('KON_NODE_UNREACHABLE', `no node of grid ${view.grid} is connected`);
  return name;
}
