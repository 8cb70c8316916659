/** Keeps the containers that are assigned to this node, with or without a master. */
export { Containers } from './containers.js';
