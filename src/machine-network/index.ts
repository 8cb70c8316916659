/** The machine's network: the programs `ip`, `wg`, `wireguard-go`, `nft` and `iptables` are called here alone. */
import type { MachineNetwork } from '../ports/index.js';
import { LinuxNetwork } from './linux-network.js';
import { Programs } from './programs.js';

/**
 * The network of this machine. Runs nothing until it is first asked.
 *
 * @param options.process of whose network namespace it is; by default this process's own
 */
export const linuxNetwork = ({ process }: { readonly process?: number } = {}): MachineNetwork => new LinuxNetwork(new Programs(process));
