/** Names of services, for the containers of this node. */
export { NamesKeeper, type NamesKeeperOptions, type Resolver } from './names-keeper.js';
