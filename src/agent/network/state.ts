import { type NetworkProblem, type NodeNetworkBody, parseSubnet, type Peer } from '../../model/index.js';
import type { MachineView, NetworkNames } from '../../ports/index.js';
import { deviceTowards } from './mtu.js';
import { occupied } from './occupied.js';

/** Interfaces that engines and virtual networks make: nobody reaches the machine by them. */
const VIRTUAL = /^(lo$|docker|br-|kb-|kw-|veth|virbr|cni|flannel|vxlan)/;

export interface Circumstances {
  readonly names: NetworkNames;
  readonly peers: readonly Peer[];
  /** Undefined before there is one. */
  readonly publicKey: string | undefined;
  readonly port: number;
  /** `host:port` of the master. */
  readonly master: string;
  readonly problems: readonly NetworkProblem[];
}

/** What is said of the node's network. Without a tunnel no key is: nobody could use it. */
export function stateOf({ names, peers, publicKey, port, master, problems }: Circumstances, view: MachineView | undefined): NodeNetworkBody {
  const tunnel = view?.tunnel === 'foreign' ? undefined : view?.tunnel;
  return {
    ...(publicKey === undefined || tunnel === undefined ? {} : { publicKey }),
    port,
    addresses: view === undefined ? [] : ownAddresses(view, master),
    ...(tunnel === undefined ? {} : { implementation: tunnel.implementation }),
    routes: view === undefined ? [] : foreignRoutes(view, names, peers),
    problems,
  };
}

/** The node's own, those of the interface towards the master first, and those of IPv6 last. */
export function ownAddresses({ interfaces, routes }: MachineView, master: string): readonly string[] {
  const first = deviceTowards(master, routes);
  const own = interfaces.filter(({ name, isUp }) => isUp && !VIRTUAL.test(name));
  const ordered = [...own.filter(({ name }) => name === first), ...own.filter(({ name }) => name !== first)];
  return [...ordered.flatMap(({ addresses }) => addresses.map((address) => address.slice(0, address.indexOf('/')))), ...ordered.flatMap(({ ipv6 = [] }) => ipv6)];
}

/** What the machine routes already, without what is of this grid: the tunnel, and the bridges of its nodes. */
function foreignRoutes(view: MachineView, { bridge, tunnel }: NetworkNames, peers: readonly Peer[]): readonly string[] {
  const parts = new Set(peers.map(({ subnet }) => subnet));
  const foreign = occupied(view).filter(({ to, device }) => device !== bridge && device !== tunnel && !parts.has(to) && parseSubnet(to)?.prefix !== 0);
  return [...new Set(foreign.map(({ to }) => to))].sort();
}
