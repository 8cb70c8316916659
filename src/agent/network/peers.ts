import type { Peer } from '../../model/index.js';
import type { SeenPeer, TunnelPeer } from '../../ports/index.js';
import { type Dialler, dialOf } from './dial.js';

/** WireGuard shakes hands anew after 120 s of use and gives a session up after 180. */
const SESSION_MS = 180_000;

/** What this process remembers of what it did. */
export interface Remembered {
  /** Public key → the endpoint that was set last: the peer may have been seen elsewhere since, which is its right. */
  readonly dialled: ReadonlyMap<string, string>;
  /** This machine has other addresses than when it last dialled. */
  readonly hasMoved: boolean;
  /** Wall time, as handshakes are stamped. */
  readonly nowMs: number;
}

export interface PeersChange {
  /** To be added, or changed to this. */
  readonly peers: readonly TunnelPeer[];
  /** Public keys. */
  readonly gone: readonly string[];
  /** Public key → the endpoint that the table names, where that is dialled now. */
  readonly dialled: ReadonlyMap<string, string>;
}

/** What lacks, is other than wanted, or is too much among the peers of the tunnel. */
export function peersChange(wanted: readonly Peer[], seen: readonly SeenPeer[], self: Dialler, remembered: Remembered): PeersChange {
  const found = new Map(seen.map((peer) => [peer.publicKey, peer]));
  const keys = new Set(wanted.map(({ publicKey }) => publicKey));
  const changed = wanted.flatMap((peer) => changedPeer(peer, found.get(peer.publicKey), self, remembered) ?? []);
  return {
    peers: changed.map(({ peer }) => peer),
    gone: seen.map(({ publicKey }) => publicKey).filter((key) => !keys.has(key)),
    dialled: new Map(changed.flatMap(({ peer: { publicKey, endpoint }, isDialled }) => (isDialled && endpoint !== undefined ? [[publicKey, endpoint]] : []))),
  };
}

interface Changed {
  readonly peer: TunnelPeer;
  /** At the endpoint that the table names. */
  readonly isDialled: boolean;
}

/** The peer as it should be; undefined when it is so. */
function changedPeer(peer: Peer, seen: SeenPeer | undefined, self: Dialler, remembered: Remembered): Changed | undefined {
  const { endpoint, keepaliveSeconds } = dialOf(peer, self);
  const isDialled = endpoint !== undefined && mustDial(endpoint, peer.publicKey, seen, remembered);
  const isSo = seen?.keepaliveSeconds === keepaliveSeconds && seen.allowed.length === 1 && seen.allowed[0] === peer.subnet;
  if (isSo && !isDialled && !remembered.hasMoved) return undefined;
  // Said again where it is none: wireguard-go goes on sending from the address that it once heard the peer at, be it gone or not.
  const at = isDialled ? endpoint : seen?.endpoint;
  return { peer: { publicKey: peer.publicKey, allowed: [peer.subnet], keepaliveSeconds, ...(at === undefined ? {} : { endpoint: at }) }, isDialled };
}

/** A peer that was heard from elsewhere is answered there, until it falls silent: WireGuard follows those who move. */
function mustDial(endpoint: string, publicKey: string, seen: SeenPeer | undefined, { dialled, nowMs }: Remembered): boolean {
  if (seen === undefined || seen.endpoint === undefined) return true;
  if (seen.endpoint === endpoint) return false;
  return dialled.get(publicKey) !== endpoint || !isAlive(seen, nowMs);
}

/** Whether there is a session with the peer. */
const isAlive = ({ handshakeAtMs }: SeenPeer, nowMs: number): boolean => handshakeAtMs !== undefined && nowMs - handshakeAtMs < SESSION_MS;
