/** The node's network: addresses, tunnels to the other nodes of its grid, and who may reach whom. */
import { NetworkKeeper, type NetworkKeeperOptions } from './network-keeper.js';

export { tunnelKeyFile } from './key-file.js';
export { machineAddress, networkNames } from './names.js';
export { resetEngine, resetMachine } from './reset.js';
export type { NetworkKeeper, NetworkKeeperOptions } from './network-keeper.js';

/** What a node's network is made of, beside what all keepers have. */
export type NetworkParts = Pick<NetworkKeeperOptions, 'machine' | 'engine' | 'keys' | 'owner' | 'port' | 'keyMaxAgeMs' | 'master'>;

/** A keeper at rest; `start` sets it going. */
export const createNetworkKeeper = (options: NetworkKeeperOptions): NetworkKeeper => new NetworkKeeper(options);
