import { firstHost, isSame, type NetworkProblem, overlaps, parseSubnet, type Peer, type Subnet, subnetText } from '../../model/index.js';
import type { Detour, Firewall, FirewallPolicy, Forward, MachineView, NetworkNames, Route, SeenTunnel, TunnelKey, TunnelSettings } from '../../ports/index.js';
import { versioned } from './admission.js';
import type { Dialler } from './dial.js';
import { tunnelMtuBytes } from './mtu.js';
import { tunnelBeside } from './names.js';
import { occupied } from './occupied.js';
import { type PeersChange, peersChange, type Remembered } from './peers.js';

/** What the node's network is to be. */
export interface Wanted {
  readonly names: NetworkNames;
  /** The grid's. */
  readonly subnet: Subnet;
  /** The node's part of it. */
  readonly lease: Subnet;
  /** This node, as others know it. */
  readonly self: Dialler;
  readonly key: TunnelKey;
  /** UDP port of the tunnels. */
  readonly port: number;
  /** The other nodes of the grid. */
  readonly peers: readonly Peer[];
  readonly policies: readonly FirewallPolicy[];
}

export type NetworkStep = { readonly why: string } & (
  | { readonly do: 'create-tunnel' }
  | { readonly do: 'configure-tunnel'; readonly settings: TunnelSettings }
  | ({ readonly do: 'set-peers' } & PeersChange)
  | { readonly do: 'set-route'; readonly route: Route }
  | { readonly do: 'remove-route'; readonly route: Route }
  | { readonly do: 'set-detour'; readonly detour: Detour }
  | { readonly do: 'filter-bridge' }
  | { readonly do: 'set-firewall'; readonly firewall: Firewall }
  | { readonly do: 'set-forwards'; readonly forwards: readonly Forward[] }
);

export interface NetworkPlan {
  readonly steps: readonly NetworkStep[];
  readonly problems: readonly NetworkProblem[];
}

/** The bridges of nodes, ours among them. */
const BRIDGE = /^kb-/;

/**
 * All that lacks, in the order in which it is safe: the filter is there before anything can pass it. Steps do not build on each
 * other's success: those that can be done are done.
 */
export function plan(wanted: Wanted, view: MachineView, remembered: Remembered): NetworkPlan {
  const neighbours = neighboursOf(wanted, view);
  const peers = wanted.peers.filter(({ subnet, publicKey }) => !neighbours.has(subnet) && publicKey !== wanted.key.publicKey);
  const routes = planRoutes(wanted, peers, view);
  return {
    steps: [
      ...planFilter(wanted, [...neighbours.values()].sort(), view),
      ...(view.tunnel === 'foreign' ? [] : planTunnel({ ...wanted, peers }, view, view.tunnel, remembered)),
      ...(view.tunnel === 'foreign' ? [] : routes.steps),
    ],
    problems: [...(view.tunnel === 'foreign' ? [takenName(wanted.names.tunnel)] : []), ...twins(wanted), ...routes.problems],
  };
}

/** The other nodes of this grid whose part is on a bridge of this machine: part → bridge. Nothing between us needs a tunnel. */
export function neighboursOf({ names, peers }: Pick<Wanted, 'names' | 'peers'>, { interfaces }: MachineView): ReadonlyMap<string, string> {
  const bridges = new Map(interfaces.filter(({ name }) => BRIDGE.test(name) && name !== names.bridge).flatMap(({ name, addresses }) => addresses.map((address) => [address, name] as const)));
  return new Map(
    peers.flatMap(({ subnet }) => {
      const part = parseSubnet(subnet);
      const bridge = part === undefined ? undefined : bridges.get(`${firstHost(part)}/${String(part.prefix)}`);
      return bridge === undefined ? [] : [[subnet, bridge] as const];
    }),
  );
}

function planFilter({ names, subnet, lease, policies }: Wanted, neighbours: readonly string[], view: MachineView): readonly NetworkStep[] {
  // What enters by a neighbour's tunnel is for its bridge, and was looked at by its own filter.
  const trusted = neighbours.flatMap((bridge) => [bridge, tunnelBeside(bridge)]);
  const firewall = versioned({ names, subnet: subnetText(subnet), lease: subnetText(lease), neighbours: trusted, policies });
  const forwards = forwardsOf(names, neighbours);
  const isBridgeThere = view.interfaces.some(({ name }) => name === names.bridge);
  return [
    ...(view.firewall?.version === firewall.version ? [] : [{ do: 'set-firewall' as const, firewall, why: view.firewall === undefined ? 'there is none' : 'it says something else' }]),
    ...(view.forwards === undefined || isSameSet(view.forwards.map(pair), forwards.map(pair)) ? [] : [{ do: 'set-forwards' as const, forwards, why: 'the engine would drop what passes between nodes' }]),
    ...(isBridgeThere && !view.isBridgeFiltered ? [{ do: 'filter-bridge' as const, why: 'containers of one node would reach each other whatever is allowed' }] : []),
  ];
}

/** What the engine would refuse to forward. What comes back is named too: nothing here relies on the engine's own rules. */
function forwardsOf({ bridge, tunnel }: NetworkNames, neighbours: readonly string[]): readonly Forward[] {
  const others = [tunnel, ...neighbours];
  return [{ from: bridge, to: bridge }, ...others.flatMap((other) => [{ from: bridge, to: other }, { from: other, to: bridge }])];
}

const pair = ({ from, to }: Forward): string => `${from} ${to}`;
const isSameSet = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((each) => b.includes(each));

function planTunnel(wanted: Wanted, view: MachineView, seen: SeenTunnel | undefined, remembered: Remembered): readonly NetworkStep[] {
  const settings = settingsOf(wanted, view, seen);
  const change = peersChange(wanted.peers, seen?.peers ?? [], wanted.self, remembered);
  return [
    ...(seen === undefined ? [{ do: 'create-tunnel' as const, why: 'there is none' }] : []),
    ...(Object.keys(settings).length === 0 ? [] : [{ do: 'configure-tunnel' as const, settings, why: `it has another ${Object.keys(settings).join(', ')}` }]),
    ...(change.peers.length + change.gone.length === 0 ? [] : [{ do: 'set-peers' as const, ...change, why: `${change.peers.length} are new or others than they were, ${change.gone.length} are gone` }]),
  ];
}

/** What of the tunnel's own is not as it should be. */
function settingsOf({ names, lease, key, port, peers }: Wanted, view: MachineView, seen: SeenTunnel | undefined): TunnelSettings {
  const link = view.interfaces.find(({ name }) => name === names.tunnel);
  const address = `${firstHost(lease)}/32`;
  const mtuBytes = tunnelMtuBytes(endpointsOf(peers), view);
  const isUp = link?.isUp === true;
  return {
    ...(seen?.publicKey === key.publicKey ? {} : { privateKey: key.privateKey }),
    ...(seen?.port === port && isUp ? {} : { port }),
    ...(link?.mtuBytes === mtuBytes ? {} : { mtuBytes }),
    ...(link?.addresses.length === 1 && link.addresses[0] === address ? {} : { address }),
  };
}

/** All that may be dialled, now or after a change of labels. */
export const endpointsOf = (peers: readonly Peer[]): readonly string[] => peers.flatMap(({ privateAddress, publicAddress }) => [privateAddress, publicAddress]).filter((address) => address !== undefined);

/** One route per peer, sent from the gateway's address: the only one of the node that its peers let in. */
function planRoutes({ names: { tunnel }, subnet, lease }: Wanted, peers: readonly Peer[], view: MachineView): NetworkPlan {
  const source = firstHost(lease);
  const wanted = new Map(peers.map(({ subnet: to }) => [to, { to, device: tunnel, source }]));
  const detour = { subnet: subnetText(subnet), lease: subnetText(lease) };
  return {
    steps: [
      ...view.ownRoutes.filter(({ to }) => !wanted.has(to)).map((route) => ({ do: 'remove-route' as const, route, why: 'it leads to a node that is gone' })),
      ...[...wanted.values()].filter((route) => !view.ownRoutes.some((other) => isSame(route, other))).map((route) => ({ do: 'set-route' as const, route, why: 'it lacks' })),
      ...(isSame(view.detour, detour) ? [] : [{ do: 'set-detour' as const, detour, why: 'what goes to the grid would go by the routes of the machine' }]),
    ],
    problems: hiddenRoutes([...wanted.keys(), subnetText(lease)], view),
  };
}

/** What the machine can no longer reach, since the grid has the same addresses. */
const hiddenRoutes = (parts: readonly string[], view: MachineView): readonly NetworkProblem[] =>
  parts.flatMap((part) => {
    const hidden = occupied(view).find(({ to, device }) => !BRIDGE.test(device) && isInside(to, part));
    return hidden === undefined ? [] : [foreignRoute(part, hidden)];
  });

const foreignRoute = (part: string, { to, device }: Route): NetworkProblem => ({
  what: part,
  reason: `this machine routes ${to} to ${device}, which is in the part ${part} of the grid's subnet`,
  remedy: `Take that route away (\`ip route show ${to}\`), or make a grid with another subnet.`,
});

/** Whether a route leads to a piece of a part. A wider one, as the way out of the machine, loses what was never there. */
function isInside(route: string, part: string): boolean {
  const [inner, outer] = [parseSubnet(route), parseSubnet(part)];
  return inner !== undefined && outer !== undefined && inner.prefix >= outer.prefix && overlaps(inner, outer);
}

const takenName = (tunnel: string): NetworkProblem => ({
  what: tunnel,
  reason: `an interface ${tunnel} is there that is no tunnel of WireGuard`,
  remedy: `Remove it (\`ip link delete ${tunnel}\`), or stop the program that made it.`,
});

const twins = ({ peers, key }: Wanted): readonly NetworkProblem[] =>
  peers
    .filter(({ publicKey }) => publicKey === key.publicKey)
    .map(({ node }) => ({ what: node, reason: `node ${node} has the key of this node's tunnels`, remedy: 'Give each its own: `kontenactl node rotate-keys`. They share a data directory, or one is a copy of the other.' }));
