import type { LeaseBody, NodeNetworkBody } from '../../src/model/index.js';

/** Letters of addresses, of both families. */
const ADDRESS = /^[0-9a-fA-F.:]+$/;
const LOOPBACK = /^127\.|^::1$/;
/** IPv4 as a socket of both families shows it. */
const MAPPED = /^::ffff:(?=[\d.]+$)/i;

/** Where the tunnels of a node are reached, from its own network and from the master's: what only the machine itself can reach is neither. */
export function addressesOf({ addresses, seenFrom, port }: NodeNetworkBody): Pick<LeaseBody, 'privateAddress' | 'publicAddress'> {
  if (!(Number.isInteger(port) && port > 0 && port < 65_536)) return {};
  const own = addresses.map(plain).find(isReachable);
  const seen = seenFrom === undefined ? undefined : plain(seenFrom);
  return {
    ...(own === undefined ? {} : { privateAddress: hostPort(own, port) }),
    ...(seen === undefined || !isReachable(seen) ? {} : { publicAddress: hostPort(seen, port) }),
  };
}

const plain = (address: string): string => address.replace(MAPPED, '');

const isReachable = (address: string): boolean => ADDRESS.test(address) && !LOOPBACK.test(address);

const hostPort = (host: string, port: number): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
