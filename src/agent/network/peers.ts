import type { Peer } from '../../model/index.js';
import type { SeenPeer, TunnelPeer } from '../../ports/index.js';
import { dialOf } from './dial.js';

/** WireGuard shakes hands anew after 120 s of use and gives a session up after 180. */
const SESSION_MS = 180_000;

/** What this process remembers of what it did. */
export interface Remembered {
  /** Public key → the endpoint that was set last: the peer may have been seen elsewhere since, which is its right. */
  readonly dialled: ReadonlyMap<string, string>;
  /** Wall time, as handshakes are stamped. */
  readonly nowMs: number;
}

export interface PeersChange {
  /** To be added, or changed to this. */
  readonly peers: readonly TunnelPeer[];
  /** Public keys. */
  readonly gone: readonly string[];
}

/** What lacks, is other than wanted, or is too much among the peers of the tunnel. */
export function peersChange(wanted: readonly Peer[], seen: readonly SeenPeer[], region: string | undefined, remembered: Remembered): PeersChange {
  const found = new Map(seen.map((peer) => [peer.publicKey, peer]));
  const keys = new Set(wanted.map(({ publicKey }) => publicKey));
  return {
    peers: wanted.flatMap((peer) => changedPeer(peer, found.get(peer.publicKey), region, remembered) ?? []),
    gone: seen.map(({ publicKey }) => publicKey).filter((key) => !keys.has(key)),
  };
}

/** The peer as it should be; undefined when it is so. */
function changedPeer(peer: Peer, seen: SeenPeer | undefined, region: string | undefined, remembered: Remembered): TunnelPeer | undefined {
  const { endpoint, keepaliveSeconds } = dialOf(peer, region);
  const wanted = { publicKey: peer.publicKey, allowed: [peer.subnet], keepaliveSeconds };
  if (endpoint !== undefined && mustDial(endpoint, peer.publicKey, seen, remembered)) return { ...wanted, endpoint };
  const isSo = seen?.keepaliveSeconds === keepaliveSeconds && seen.allowed.length === 1 && seen.allowed[0] === peer.subnet;
  return isSo ? undefined : wanted;
}

/** A peer that was heard from elsewhere is answered there, until it falls silent: WireGuard follows those who move. */
function mustDial(endpoint: string, publicKey: string, seen: SeenPeer | undefined, { dialled, nowMs }: Remembered): boolean {
  if (seen === undefined || seen.endpoint === undefined) return true;
  if (seen.endpoint === endpoint) return false;
  return dialled.get(publicKey) !== endpoint || !isAlive(seen, nowMs);
}

/** Whether there is a session with the peer. */
const isAlive = ({ handshakeAtMs }: SeenPeer, nowMs: number): boolean => handshakeAtMs !== undefined && nowMs - handshakeAtMs < SESSION_MS;
