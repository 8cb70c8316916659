import type { Detour, Interface, Route, SeenPeer, SeenTunnel } from '../ports/index.js';

interface ListedAddress {
  readonly family: string;
  readonly local: string;
  readonly prefixlen: number;
  readonly scope?: string;
  /** Privacy's, which changes every day; one that is not used any more, or not yet. */
  readonly temporary?: boolean;
  readonly deprecated?: boolean;
  readonly tentative?: boolean;
}

/** One interface in the output of `ip -j -d addr show`. */
interface ListedInterface {
  readonly ifname: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly linkinfo?: { readonly info_kind?: string; readonly info_data?: { readonly nf_call_iptables?: number } };
  readonly addr_info?: readonly ListedAddress[];
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
    ...orNothing(addresses.filter(isLasting).map(({ local }) => local)),
    kind: linkinfo?.info_kind ?? '',
    isBridgeFiltered: linkinfo?.info_data?.nf_call_iptables === 1,
  }));

const isLasting = ({ family, scope, temporary, deprecated, tentative }: ListedAddress): boolean => family === 'inet6' && scope === 'global' && temporary !== true && deprecated !== true && tentative !== true;
const orNothing = (ipv6: readonly string[]): Pick<Interface, 'ipv6'> => (ipv6.length === 0 ? {} : { ipv6 });

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

/** One rule in the output of `ip -j rule show`. */
interface ListedRule {
  readonly priority: number;
  readonly src: string;
  readonly srclen?: number;
  readonly dst?: string;
  readonly dstlen?: number;
  readonly table?: string;
}

/** Before the rules of the machine's own tables, which begin at 32766, and of well-known VPNs, which begin at 5200. */
export const PRIORITIES = { containers: 5100, machine: 5101 } as const;

/** Priorities of the rules that lead to a table, in the output of `ip -j rule show`. */
export const rulePriorities = (json: string, table: number): readonly number[] => rulesTo(json, table).map(({ priority }) => priority);

/** The detour that those rules make; undefined when they are not exactly its two. */
export function detour(json: string, table: number): Detour | undefined {
  const rules = rulesTo(json, table);
  const containers = rules.find(({ priority }) => priority === PRIORITIES.containers);
  const machine = rules.find(({ priority }) => priority === PRIORITIES.machine);
  if (rules.length !== 2 || containers === undefined || machine === undefined) return undefined;
  const { src, srclen = 32, dst = '', dstlen = 32 } = containers;
  return machine.src === 'all' && machine.dst === dst && (machine.dstlen ?? 32) === dstlen ? { subnet: `${dst}/${String(dstlen)}`, lease: `${src}/${String(srclen)}` } : undefined;
}

const rulesTo = (json: string, table: number): readonly ListedRule[] => (JSON.parse(json) as readonly ListedRule[]).filter((rule) => rule.table === String(table));
