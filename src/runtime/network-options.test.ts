import { expect, test } from '@jest/globals';
import { networkOptions } from './network-options.js';

const SPEC = { subnet: '10.81.1.0/24', gateway: '10.81.1.1', bridge: 'kb-1', tunnel: 'kw-1', mtuBytes: 1420 };
const ALWAYS = { 'com.docker.network.bridge.name': 'kb-1', 'com.docker.network.bridge.enable_ip_masquerade': 'false', 'com.docker.network.driver.mtu': '1420' };
const STRICT = { ...ALWAYS, 'com.docker.network.bridge.gateway_mode_ipv4': 'nat-unprotected', 'com.docker.network.bridge.trusted_host_interfaces': 'kw-1' };

test.each([
  ['20.10.24+dfsg1', ALWAYS],
  ['27.5.1', ALWAYS],
  ['28.0.0', STRICT],
  ['28.2.2', STRICT],
  ['29.0.0-rc.1', STRICT],
])('an engine %s lets through what comes to containers by the tunnel, and is told no word that is not of its time', (version, options) => {
  expect(networkOptions(SPEC, version)).toEqual({ Driver: 'bridge', IPAM: { Driver: 'default', Config: [{ Subnet: '10.81.1.0/24', Gateway: '10.81.1.1' }] }, Options: options });
});
