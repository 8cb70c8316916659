/** The balancers of the node: what they serve, and whom they send to. */
export { BalancersKeeper } from './balancers-keeper.js';
