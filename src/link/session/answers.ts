import { answersOf, type OrderBody } from '../../model/index.js';
import type { View } from '../../ports/index.js';
import { nodesWithBalancers } from './balancers.js';

/** What a grid's balancers answer to certificate authorities: of the orders that name no nodes. */
export const answersByBalancers = (view: View): Readonly<Record<string, string>> => answersOf(orders(view).filter(({ answerOn }) => answerOn.length === 0));

/** What a node answers itself. */
export const answersOn = (node: string, view: View): Readonly<Record<string, string>> => answersOf(orders(view).filter(({ answerOn }) => answerOn.includes(node)));

/** Nodes that answer for an order: those that it names, else those with balancers. */
export function nodesAnswering(order: string, view: View): Iterable<string> {
  const named = view.get('Order', order)?.body.answerOn ?? [];
  return named.length > 0 ? named : nodesWithBalancers(view);
}

const orders = (view: View): readonly OrderBody[] => view.list('Order').map(({ body }) => body);
