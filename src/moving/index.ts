/** Carries the data of slots from node to node. */
export { keepMoves } from './moves.js';
