import type { PathInfo } from './program.js';
import type { NetworkProblem } from './records.js';
import type { Millis } from './time.js';

/** What is asked of a node now, and is no state that it would report. */
export type NodeQuestion =
  /** How its network is; probed, each other node is reached for through its tunnel. */
  | { readonly kind: 'network'; readonly isProbed: boolean }
  /** What a name means there. */
  | { readonly kind: 'lookup'; readonly name: string }
  /** To take another key for its tunnels. */
  | { readonly kind: 'rotate-keys' }
  /** What lies at a path of an instance. */
  | { readonly kind: 'look'; readonly instance: string; readonly path: string };

export interface NodeAnswers {
  network: NetworkStatus;
  lookup: Lookup;
  'rotate-keys': { readonly publicKey: string };
  look: PathInfo;
}

/** An answer, and of which question it is. */
export type NodeAnswer = { readonly [K in keyof NodeAnswers]: { readonly kind: K; readonly said: NodeAnswers[K] } }[keyof NodeAnswers];

/** A node's network as it is at the moment. */
export interface NetworkStatus {
  /** Of its tunnels; absent while it has none. */
  readonly mtuBytes?: number;
  readonly tunnels: readonly TunnelStatus[];
  /** Packets dropped since the packet filter was made, by reason: `spoofed`, `foreign`, `denied-todo`. */
  readonly drops: Readonly<Record<string, number>>;
  readonly problems: readonly NetworkProblem[];
}

/** A tunnel as one of its ends sees it. */
export interface TunnelStatus {
  /** The node at the other end. */
  readonly node: string;
  /** Both nodes are on one machine: nothing between them goes through a tunnel. */
  readonly isLocal?: boolean;
  /** `host:port` that it is dialled at; absent while nobody knows one. */
  readonly endpoint?: string;
  /** Since both ends agreed on keys; absent when they never did. */
  readonly handshakeAgeMs?: Millis;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** What probing found, when it was asked for. */
  readonly probe?: { readonly sent: number; readonly answered: number; readonly latencyMs?: Millis };
}

/** What a name means on a node. */
export interface Lookup {
  /** As it is known: with the domain that was found for it. */
  readonly name: string;
  readonly kind: 'records' | 'none' | 'unknown' | 'elsewhere';
  /** What it stands for, or why it stands for nothing, in one sentence. */
  readonly because: string;
  readonly addresses: readonly string[];
  readonly instances: readonly { readonly instance: string; readonly address: string; readonly node: string; readonly serves: boolean; readonly whyNot?: string }[];
}

/** Two ends agree on keys at least this often while anything passes (WireGuard: REJECT_AFTER_TIME). */
const AGREED_FOR_MS: Millis = 180_000;

export type TunnelState = 'up' | 'idle' | 'down' | 'unused' | 'local';

/** What a tunnel's figures come to. `local`: none is needed, since both nodes are on one machine; `idle`: nothing passed for a while, as far as is known; `unused`: nothing was ever sent. */
export function tunnelState({ handshakeAgeMs, sentBytes, probe, isLocal }: TunnelStatus): TunnelState {
  if (probe?.answered === 0) return 'down';
  if (isLocal === true) return 'local';
  if (probe !== undefined) return 'up';
  if (handshakeAgeMs === undefined) return sentBytes > 0 ? 'down' : 'unused';
  return handshakeAgeMs <= AGREED_FOR_MS ? 'up' : 'idle';
}

interface TunnelTrouble {
  readonly reason: string;
  readonly remedy: string;
}

/** Why a tunnel is down as the node `from` sees it, or loses some of what it is given, and what to do; undefined when it does neither. */
export function tunnelTrouble(from: string, tunnel: TunnelStatus): TunnelTrouble | undefined {
  if (tunnelState(tunnel) !== 'down') return lossOf(from, tunnel);
  const { node, endpoint, handshakeAgeMs, isLocal } = tunnel;
  if (isLocal === true) return { reason: `${node}, on the same machine, does not answer`, remedy: `See with \`kontenactl describe node ${node}\` whether its agent runs, and what it says of its network.` };
  if (endpoint === undefined) return { reason: `nobody knows an address of ${node}`, remedy: `See what ${node} says of its addresses with \`kontenactl describe node ${node}\`.` };
  const port = endpoint.slice(endpoint.lastIndexOf(':') + 1);
  const reason = handshakeAgeMs === undefined ? `${node} has never answered at ${endpoint}` : `${node} does not answer at ${endpoint} any more`;
  return { reason, remedy: `Let UDP through to port ${port} of ${node}, and from there to the port of ${from}'s tunnels: a packet filter at either end, or between them, keeps both from it. Where that is not its address, label nodes that reach each other directly with the same region.` };
}

/** Some of what was sent by the tunnel came back, and some did not. */
function lossOf(from: string, { node, endpoint, isLocal, probe }: TunnelStatus): TunnelTrouble | undefined {
  if (probe === undefined || probe.answered >= probe.sent) return undefined;
  const reason = `${node}${endpoint === undefined ? '' : ` at ${endpoint}`} answered ${probe.answered} of ${probe.sent} probes`;
  if (isLocal === true) return { reason, remedy: 'This machine is too busy to answer in time: see what takes its processors.' };
  return { reason, remedy: `Run \`kontenactl network check\` again. Where some are lost each time, see how busy ${from}, ${node} and what lies between them are: \`ping\` from one machine to the other shows whether it is the way or the tunnel.` };
}
