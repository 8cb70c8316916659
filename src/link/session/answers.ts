import { answersOf, type OrderBody } from '../../model/index.js';
import type { View } from '../../ports/index.js';

/** What a grid's balancers answer to certificate authorities: of the orders that name no nodes. */
export const answersByBalancers = (view: View): Readonly<Record<string, string>> => answersOf(orders(view).filter(({ answerOn }) => answerOn.length === 0));

/** What a node answers itself. */
export const answersOn = (node: string, view: View): Readonly<Record<string, string>> => answersOf(orders(view).filter(({ answerOn }) => answerOn.includes(node)));

const orders = (view: View): readonly OrderBody[] => view.list('Order').map(({ body }) => body);
