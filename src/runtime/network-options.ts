import type { NetworkCreateOptions } from 'dockerode';
import type { EngineNetworkSpec } from '../ports/index.js';

/**
 * The first engine that refuses what comes to a container directly, unless told otherwise (moby#49325). Those before know none of
 * the words, and the second is known from 28.2 on (moby#49832).
 */
const STRICT_MAJOR = 28;

/**
 * What the engine is asked for: a bridge that it neither translates nor guards, since our own packet filter does both and knows
 * the grid.
 *
 * @param version of the engine: `28.2.2`
 */
export function networkOptions({ subnet, gateway, bridge, tunnel, mtuBytes }: EngineNetworkSpec, version: string): Pick<NetworkCreateOptions, 'Driver' | 'IPAM' | 'Options'> {
  const isStrict = Number(version.split('.')[0]) >= STRICT_MAJOR;
  return {
    Driver: 'bridge',
    IPAM: { Driver: 'default', Config: [{ Subnet: subnet, Gateway: gateway }] },
    Options: {
      'com.docker.network.bridge.name': bridge,
      'com.docker.network.bridge.enable_ip_masquerade': 'false',
      'com.docker.network.driver.mtu': String(mtuBytes),
      ...(isStrict ? { 'com.docker.network.bridge.gateway_mode_ipv4': 'nat-unprotected', 'com.docker.network.bridge.trusted_host_interfaces': tunnel } : {}),
    },
  };
}
