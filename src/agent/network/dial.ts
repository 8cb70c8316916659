import type { Peer } from '../../model/index.js';

/** Shorter than the 30 s after which the most forgetful NATs drop a UDP mapping; WireGuard's own manual advises it. */
const KEEPALIVE_SECONDS = 25;

/** Addresses that the world does not route: of IPv4 (RFC 1918, and those of carriers, RFC 6598), and of IPv6 (RFC 4193). */
const INNER = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])/i;

export interface Dial {
  /** `host:port`; undefined where the peer can only be waited for. */
  readonly endpoint?: string;
  readonly keepaliveSeconds: number;
}

/** What of a node decides how it dials, and is dialled. */
export type Dialler = Pick<Peer, 'region' | 'privateAddress' | 'publicAddress'>;

/**
 * Where a peer is dialled: inside a region, which may be that of all who name none, at its private address, else at its public
 * one, and at the other where it has only that. Kept open is what the peer could not dial by itself.
 */
export function dialOf(peer: Dialler, self: Dialler): Dial {
  const { privateAddress, publicAddress } = peer;
  const isNear = peer.region === self.region;
  const endpoint = isNear ? (privateAddress ?? publicAddress) : (publicAddress ?? privateAddress);
  if (endpoint === undefined) return { keepaliveSeconds: KEEPALIVE_SECONDS };
  const mustKeepOpen = endpoint !== privateAddress || !canDialBack(endpoint, peer, self); // a public address that is not its own is behind a NAT
  return { endpoint, keepaliveSeconds: mustKeepOpen ? KEEPALIVE_SECONDS : 0 };
}

/** Whether the peer, of which we know this address, reaches us by those that it knows of us. */
function canDialBack(endpoint: string, peer: Dialler, self: Dialler): boolean {
  const own = hostOf(self.privateAddress);
  const other = hostOf(endpoint);
  if (own === undefined || other === undefined) return true;
  if (isIpv6(own) !== isIpv6(other)) return false;
  const gate = natOf(self);
  return gate === undefined ? !INNER.test(own) || INNER.test(other) : gate === natOf(peer);
}

/** The NAT that a node is behind, by its address on the far side. */
function natOf({ privateAddress, publicAddress }: Dialler): string | undefined {
  const [inner, outer] = [hostOf(privateAddress), hostOf(publicAddress)];
  if (inner === undefined || outer === undefined || inner === outer || isIpv6(inner) !== isIpv6(outer)) return undefined;
  return outer;
}

/** `2001:db8::7` of `[2001:db8::7]:51820`. */
const hostOf = (endpoint: string | undefined): string | undefined => endpoint?.slice(0, endpoint.lastIndexOf(':')).replace(/^\[|\]$/g, '');

const isIpv6 = (host: string): boolean => host.includes(':');
