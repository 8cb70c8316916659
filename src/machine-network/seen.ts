import type { Interface, Route, SeenPeer, SeenTunnel } from '../ports/index.js';

/** One interface in the output of `ip -j -d addr show`. */
interface ListedInterface {
  readonly ifname: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly linkinfo?: { readonly info_kind?: string; readonly info_data?: { readonly nf_call_iptables?: number } };
  readonly addr_info?: readonly { readonly family: string; readonly local: string; readonly prefixlen: number }[];
}

export interface SeenInterface extends Interface {
  /** `bridge`, `wireguard`, `tun`, … */
  readonly kind: string;
  readonly isBridgeFiltered: boolean;
}

/** What `ip -j -d addr show` says. */
export const interfaces = (json: string): readonly SeenInterface[] =>
  (JSON.parse(json) as readonly ListedInterface[]).map(({ ifname, mtu, flags, linkinfo, addr_info: addresses = [] }) => ({
    name: ifname,
    mtuBytes: mtu,
    isUp: flags.includes('UP'),
    addresses: addresses.filter(({ family }) => family === 'inet').map(({ local, prefixlen }) => `${local}/${String(prefixlen)}`),
    kind: linkinfo?.info_kind ?? '',
    isBridgeFiltered: linkinfo?.info_data?.nf_call_iptables === 1,
  }));

interface ListedRoute {
  readonly dst: string;
  readonly dev?: string;
  readonly prefsrc?: string;
}

/** What `ip -j route show` says. Routes without a device (unreachable, several ways) lead nowhere we could use. */
export const routes = (json: string): readonly Route[] =>
  (JSON.parse(json) as readonly ListedRoute[]).flatMap(({ dst, dev, prefsrc }) =>
    dev === undefined ? [] : [{ to: dst === 'default' ? '0.0.0.0/0' : dst.includes('/') ? dst : `${dst}/32`, device: dev, ...(prefsrc === undefined ? {} : { source: prefsrc }) }],
  );

const NONE = '(none)';

/** What `wg show INTERFACE dump` says: a line of the interface, then one per peer, in columns. The private key in it goes nowhere. */
export function tunnel(dump: string, implementation: SeenTunnel['implementation']): SeenTunnel {
  const [own, ...peers] = dump.trimEnd().split('\n').map((line) => line.split('\t'));
  const publicKey = own?.[1] ?? NONE;
  return { implementation, ...(publicKey === NONE ? {} : { publicKey }), port: Number(own?.[2]), peers: peers.map(peer) };
}

function peer(columns: readonly string[]): SeenPeer {
  const [publicKey = '', , endpoint = NONE, allowed = NONE, handshake = '0', received = '0', sent = '0', keepalive = 'off'] = columns;
  return {
    publicKey,
    ...(endpoint === NONE ? {} : { endpoint }),
    allowed: allowed === NONE ? [] : allowed.split(','),
    keepaliveSeconds: keepalive === 'off' ? 0 : Number(keepalive),
    ...(handshake === '0' ? {} : { handshakeAtMs: Number(handshake) * 1000 }),
    receivedBytes: Number(received),
    sentBytes: Number(sent),
  };
}
