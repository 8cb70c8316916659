/** The machine's network: the programs `ip`, `wg`, `wireguard-go`, `nft`, `iptables` and `resolvectl` are called here alone. */
import type { MachineNetwork, MachineResolver } from '../ports/index.js';
import { LinuxNetwork } from './linux-network.js';
import { Programs } from './programs.js';
import { LinuxResolver } from './resolver.js';

/**
 * The network of this machine. Runs nothing until it is first asked.
 *
 * @param options.process of whose network namespace it is; by default this process's own
 */
export const linuxNetwork = ({ process }: { readonly process?: number } = {}): MachineNetwork => new LinuxNetwork(new Programs(process));

/**
 * How this machine looks for names, as far as the node with this tunnel has a say in it.
 *
 * @param options.file that programs read; by default that of the system
 */
export const machineResolver = (tunnel: string, options: { readonly file?: string } = {}): MachineResolver => new LinuxResolver({ programs: new Programs(undefined), tunnel, ...options });
