import { hasAddress, parseAddress, parseSubnet } from '../../model/index.js';
import type { MachineView, Route } from '../../ports/index.js';

/**
 * What WireGuard adds to a packet: 40 bytes of IPv6, 8 of UDP, 32 of its own. Over IPv4 it is 60, but a node's peers may be
 * of either kind, and containers keep the size that they were made with.
 * @see wg-quick(8), which takes the same 80
 */
const OVERHEAD_BYTES = 80;

/** Of an Ethernet, for want of any way out. */
const ETHERNET_BYTES = 1500;

/**
 * The largest packet that tunnels to these endpoints carry whole: of the links that lead to them, the smallest.
 *
 * @param endpoints `host:port`; to one of IPv6, any interface that has such an address may lead; of a name, the way out counts
 */
export function tunnelMtuBytes(endpoints: readonly string[], { interfaces, routes }: Pick<MachineView, 'interfaces' | 'routes'>): number {
  const devices = new Set([...endpoints, '0.0.0.0:0'].map((endpoint) => deviceTowards(endpoint, routes)));
  const isToIpv6 = endpoints.some((endpoint) => endpoint.startsWith('['));
  const sizes = interfaces.filter(({ name, ipv6 }) => devices.has(name) || (isToIpv6 && ipv6 !== undefined)).map(({ mtuBytes }) => mtuBytes);
  return Math.min(ETHERNET_BYTES, ...sizes) - OVERHEAD_BYTES;
}

/** The interface that leads to `host:port`: by the longest prefix, as the kernel chooses. A name is taken to be out of the machine. */
export function deviceTowards(endpoint: string, routes: readonly Route[]): string | undefined {
  const host = parseAddress(endpoint.slice(0, endpoint.lastIndexOf(':'))) ?? 0;
  let best: { readonly prefix: number; readonly device: string } | undefined;
  for (const { to, device } of routes) {
    const subnet = parseSubnet(to);
    if (subnet !== undefined && hasAddress(subnet, host) && subnet.prefix >= (best?.prefix ?? 0)) best = { prefix: subnet.prefix, device };
  }
  return best?.device;
}
