import type { Peer } from '../../model/index.js';

/** Shorter than the 30 s after which the most forgetful NATs drop a UDP mapping; WireGuard's own manual advises it. */
const KEEPALIVE_SECONDS = 25;

export interface Dial {
  /** `host:port`; undefined where the peer can only be waited for. */
  readonly endpoint?: string;
  readonly keepaliveSeconds: number;
}

/**
 * Where a peer is dialled: inside a region, which may be that of all who name none, at its private address, else at its public
 * one, and at the other where it has only that. What is sent through a NAT is kept open: a public address that is not the
 * peer's own is behind one.
 */
export function dialOf({ region, privateAddress, publicAddress }: Peer, ownRegion: string | undefined): Dial {
  const isNear = region === ownRegion;
  const endpoint = isNear ? (privateAddress ?? publicAddress) : (publicAddress ?? privateAddress);
  if (endpoint === undefined) return { keepaliveSeconds: KEEPALIVE_SECONDS };
  return { endpoint, keepaliveSeconds: endpoint === privateAddress ? 0 : KEEPALIVE_SECONDS };
}
