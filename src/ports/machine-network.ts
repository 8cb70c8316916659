/**
 * The network of the machine: WireGuard, routes, packet filter. Touches nothing but what bears one of the names it is given,
 * and every step may be repeated: what is so already stays as it is.
 * Each call may throw KON_NETWORK_TOOL_MISSING, KON_NETWORK_FORBIDDEN and KON_NETWORK_REFUSED.
 */
export interface MachineNetwork {
  /** What is there, of everybody's interfaces and routes, and of what bears our names. Costs a handful of programs. */
  look(names: NetworkNames): Promise<MachineView>;
  /** Whether an interface is there. Costs one small read, so that it may be asked every second. */
  hasInterface(name: string): Promise<boolean>;
  /** A new key for tunnels. */
  makeKey(): TunnelKey;
  /** Makes the interface, in the kernel where that can, else with wireguard-go, which outlives this process. @throws KON_TUN_MISSING */
  createTunnel(tunnel: string): Promise<void>;
  /** Removes the interface, and with it its routes; ends the program behind it. */
  removeTunnel(tunnel: string): Promise<void>;
  /** Sets what is named and brings the interface up. @throws KON_TUNNEL_PORT_TAKEN */
  configureTunnel(tunnel: string, settings: TunnelSettings): Promise<void>;
  /** Adds peers or changes them, and removes those of the keys `gone`. A peer without an endpoint keeps the one it has. */
  setPeers(tunnel: string, peers: readonly TunnelPeer[], gone: readonly string[]): Promise<void>;
  /** Adds a route to the node's own table, or changes it. What is only there, no other program's routes can be mistaken for. */
  setRoute(names: NetworkNames, route: Route): Promise<void>;
  removeRoute(names: NetworkNames, route: Route): Promise<void>;
  /** Sends what goes to the grid by the node's own table; undefined: no longer. */
  setDetour(names: NetworkNames, detour: Detour | undefined): Promise<void>;
  /** Lets the packet filter see what containers of one bridge send each other. @throws KON_BRIDGE_FILTER_MISSING */
  filterBridge(bridge: string): Promise<void>;
  /** Replaces the table, all of it or nothing; what was counted goes on being counted. */
  setFirewall(firewall: Firewall): Promise<void>;
  removeFirewall(table: string): Promise<void>;
  /** Lets these pairs of interfaces through the engine's own filter, before its DROP; `label` tells our rules from others'. */
  setForwards(label: string, forwards: readonly Forward[]): Promise<void>;
}

/** What one node's network is called on its machine. */
export interface NetworkNames {
  /** The engine's bridge, `kb-…`. */
  readonly bridge: string;
  /** The interface of WireGuard, `kw-…`. */
  readonly tunnel: string;
  /** The table of the packet filter, `kontena-…`; also the label of rules elsewhere. */
  readonly table: string;
  /** Number of the table of routes. */
  readonly routingTable: number;
}

/** Keys of WireGuard, base64. */
export interface TunnelKey {
  readonly privateKey: string;
  readonly publicKey: string;
}

export interface TunnelSettings {
  readonly privateKey?: string;
  /** UDP port to listen on. */
  readonly port?: number;
  readonly mtuBytes?: number;
  /** Its only address, `10.81.3.1/32`. */
  readonly address?: string;
}

export interface TunnelPeer {
  readonly publicKey: string;
  /** `host:port`. */
  readonly endpoint?: string;
  /** Subnets that are reached through it, and that it may send from. */
  readonly allowed: readonly string[];
  /** 0: none. */
  readonly keepaliveSeconds: number;
}

export interface SeenPeer extends TunnelPeer {
  /** Milliseconds since the epoch; undefined before the first. */
  readonly handshakeAtMs?: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

export interface Interface {
  readonly name: string;
  /** IPv4, as `10.81.3.1/24`. */
  readonly addresses: readonly string[];
  /** Those of IPv6 by which others reach it, as `2001:db8::7`. */
  readonly ipv6?: readonly string[];
  readonly mtuBytes: number;
  readonly isUp: boolean;
}

export interface Route {
  /** `10.81.3.0/24`, or `0.0.0.0/0`. */
  readonly to: string;
  readonly device: string;
  /** The address that the node itself sends from. */
  readonly source?: string;
}

/** What is sent by the node's own table: what its containers, and else its own programs, send to the grid. */
export interface Detour {
  /** The grid's. */
  readonly subnet: string;
  readonly lease: string;
}

export interface MachineView {
  readonly interfaces: readonly Interface[];
  /** Those of the machine. */
  readonly routes: readonly Route[];
  /** Those of the node's own table. */
  readonly ownRoutes: readonly Route[];
  /** Undefined where there is none, or only half of one. */
  readonly detour?: Detour;
  /** Undefined where there is none. `foreign`: an interface of that name that is no WireGuard. */
  readonly tunnel?: SeenTunnel | 'foreign';
  /** Undefined where the table is not there. */
  readonly firewall?: SeenFirewall;
  /** Pairs that bear our label; undefined where nothing refuses to forward. */
  readonly forwards?: readonly Forward[];
  /** Whether the packet filter sees what containers of the bridge send each other. */
  readonly isBridgeFiltered: boolean;
}

export interface SeenTunnel {
  readonly implementation: 'wireguard' | 'wireguard-go';
  /** Undefined before it has a key. */
  readonly publicKey?: string;
  readonly port: number;
  readonly peers: readonly SeenPeer[];
}

export interface SeenFirewall {
  /** Of the {@link Firewall} that made it. */
  readonly version: string;
  /** Packets dropped since the table was made: `spoofed`, `foreign`, `denied-<stack>`. */
  readonly drops: Readonly<Record<string, number>>;
}

/** What passes between two interfaces, in this direction. */
export interface Forward {
  readonly from: string;
  readonly to: string;
}

/** What may enter and leave a node's part of a grid. */
export interface Firewall {
  readonly names: NetworkNames;
  /** Tells this content from any other. */
  readonly version: string;
  /** The grid's, `10.81.0.0/16`. */
  readonly subnet: string;
  /** The node's part of it. */
  readonly lease: string;
  /** Bridges and tunnels of other nodes of this grid on the same machine. */
  readonly neighbours: readonly string[];
  readonly policies: readonly FirewallPolicy[];
}

/** A stack that not all of the grid may reach. */
export interface FirewallPolicy {
  readonly stack: string;
  /** Addresses of its instances on this node. */
  readonly members: readonly string[];
  /** Addresses that may open connections to them. */
  readonly from: readonly string[];
}
