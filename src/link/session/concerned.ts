import type { Changed, View } from '../../ports/index.js';
import { nodesWithBalancers } from './balancers.js';

/** Nodes that are told something else because of a record that names none: of their network, or of what they answer. */
export function nodesConcerned({ kind, name }: Changed, view: View): Iterable<string> {
  if (kind === 'Lease') return [name];
  if (kind === 'Stack') return new Set(view.list('Instance').map(({ body }) => body.node)); // who may reach what runs there
  return kind === 'Order' ? nodesAnswering(view.get('Order', name)?.body.answerOn ?? [], view) : [];
}

/** What is shown to an authority is answered by the nodes that its order names, else by those with balancers. */
const nodesAnswering = (named: readonly string[], view: View): Iterable<string> => (named.length > 0 ? named : nodesWithBalancers(view));
