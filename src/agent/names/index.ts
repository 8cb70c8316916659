/** Names of services, for the containers of this node. */
export { NamesKeeper } from './names-keeper.js';
