import { KontenaError } from '../model/index.js';
import type { Detour, Firewall, Forward, Interface, MachineNetwork, MachineView, NetworkNames, Route, SeenPeer, TunnelKey, TunnelPeer, TunnelSettings } from '../ports/index.js';

interface FakeTunnel {
  readonly link: Interface;
  readonly publicKey?: string;
  readonly port: number;
  readonly peers: readonly SeenPeer[];
}

/** A machine's network in memory. Keys are numbers in base64; a private key differs from its public one in its first letter. */
export class FakeMachineNetwork implements MachineNetwork {
  /** What was done, in order: `create-tunnel kw-1`. */
  readonly steps: string[] = [];
  /** Every call, looks among them. */
  calls = 0;
  /** What a call throws, by its name. */
  fails: (call: string) => Error | undefined = () => undefined;
  implementation: 'wireguard' | 'wireguard-go' = 'wireguard-go';
  links: readonly Interface[] = [{ name: 'lo', addresses: ['127.0.0.1/8'], mtuBytes: 65_536, isUp: true }];
  routes: readonly Route[] = [];
  readonly ownRoutes = new Map<number, readonly Route[]>();
  readonly detours = new Map<number, Detour>();
  readonly tunnels = new Map<string, FakeTunnel>();
  readonly firewalls = new Map<string, Firewall>();
  readonly drops = new Map<string, number>();
  readonly forwards = new Map<string, readonly Forward[]>();
  readonly filtered = new Set<string>();
  takenPorts: readonly number[] = [];
  static #keys = 0;

  look({ bridge, tunnel, table, routingTable }: NetworkNames): Promise<MachineView> {
    return this.#do('look', undefined, () => {
      const found = this.tunnels.get(tunnel);
      const firewall = this.firewalls.get(table);
      const detour = this.detours.get(routingTable);
      const isForeign = found === undefined && this.links.some(({ name }) => name === tunnel);
      return {
        interfaces: [...this.links, ...[...this.tunnels.values()].map(({ link }) => link)],
        routes: this.routes,
        ownRoutes: this.ownRoutes.get(routingTable) ?? [],
        ...(detour === undefined ? {} : { detour }),
        ...(isForeign ? { tunnel: 'foreign' as const } : {}),
        ...(found === undefined ? {} : { tunnel: { implementation: this.implementation, port: found.port, peers: found.peers, ...(found.publicKey === undefined ? {} : { publicKey: found.publicKey }) } }),
        ...(firewall === undefined ? {} : { firewall: { version: firewall.version, drops: this.#dropsOf(firewall) } }),
        forwards: this.forwards.get(table) ?? [],
        isBridgeFiltered: this.filtered.has(bridge),
      };
    });
  }

  hasInterface(name: string): Promise<boolean> {
    return Promise.resolve(this.tunnels.has(name) || this.links.some((link) => link.name === name));
  }

  makeKey(): TunnelKey {
    FakeMachineNetwork.#keys += 1;
    const text = String(FakeMachineNetwork.#keys).padStart(41, '0');
    return { privateKey: `s${text}0=`, publicKey: `p${text}0=` };
  }

  createTunnel(tunnel: string): Promise<void> {
    return this.#do('create-tunnel', tunnel, () => {
      if (this.tunnels.has(tunnel) || this.links.some(({ name }) => name === tunnel)) return;
      this.tunnels.set(tunnel, { link: { name: tunnel, addresses: [], mtuBytes: 1420, isUp: false }, port: 0, peers: [] });
    });
  }

  removeTunnel(tunnel: string): Promise<void> {
    return this.#do('remove-tunnel', tunnel, () => this.loseTunnel(tunnel));
  }

  /** As if the program behind it had died. */
  loseTunnel(tunnel: string): void {
    this.tunnels.delete(tunnel);
    for (const [table, routes] of this.ownRoutes) this.ownRoutes.set(table, routes.filter(({ device }) => device !== tunnel));
  }

  configureTunnel(tunnel: string, { privateKey, port, mtuBytes, address }: TunnelSettings): Promise<void> {
    return this.#do('configure-tunnel', tunnel, () => {
      const before = this.#tunnel(tunnel);
      if (port !== undefined && this.takenPorts.includes(port)) throw new KontenaError('KON_TUNNEL_PORT_TAKEN', `port ${port} is taken`);
      this.tunnels.set(tunnel, {
        link: { name: tunnel, addresses: address === undefined ? before.link.addresses : [address], mtuBytes: mtuBytes ?? before.link.mtuBytes, isUp: true },
        ...(privateKey !== undefined ? { publicKey: privateKey.replace(/^s/, 'p') } : before.publicKey === undefined ? {} : { publicKey: before.publicKey }),
        port: port ?? before.port,
        peers: before.peers,
      });
    });
  }

  setPeers(tunnel: string, peers: readonly TunnelPeer[], gone: readonly string[]): Promise<void> {
    return this.#do('set-peers', tunnel, () => {
      const before = this.#tunnel(tunnel);
      const all = new Map(before.peers.filter(({ publicKey }) => !gone.includes(publicKey)).map((peer) => [peer.publicKey, peer]));
      for (const peer of peers) {
        for (const [key, other] of all) all.set(key, { ...other, allowed: other.allowed.filter((subnet) => !peer.allowed.includes(subnet)) });
        all.set(peer.publicKey, { receivedBytes: 0, sentBytes: 0, ...all.get(peer.publicKey), ...peer });
      }
      this.tunnels.set(tunnel, { ...before, peers: [...all.values()] });
    });
  }

  /** As if a handshake with a peer had just been. */
  shakeHands(tunnel: string, publicKey: string, handshakeAtMs: number): void {
    const before = this.#tunnel(tunnel);
    this.tunnels.set(tunnel, { ...before, peers: before.peers.map((peer) => (peer.publicKey === publicKey ? { ...peer, handshakeAtMs } : peer)) });
  }

  setRoute({ routingTable }: NetworkNames, route: Route): Promise<void> {
    return this.#do('set-route', route.to, () => {
      this.#tunnel(route.device);
      this.ownRoutes.set(routingTable, [...(this.ownRoutes.get(routingTable) ?? []).filter(({ to }) => to !== route.to), route]);
    });
  }

  removeRoute({ routingTable }: NetworkNames, { to, device }: Route): Promise<void> {
    return this.#do('remove-route', to, () => {
      this.ownRoutes.set(routingTable, (this.ownRoutes.get(routingTable) ?? []).filter((route) => route.to !== to || route.device !== device));
    });
  }

  setDetour({ routingTable }: NetworkNames, detour: Detour | undefined): Promise<void> {
    return this.#do('set-detour', detour?.subnet ?? 'none', () => {
      if (detour === undefined) this.detours.delete(routingTable);
      else this.detours.set(routingTable, detour);
    });
  }

  filterBridge(bridge: string): Promise<void> {
    return this.#do('filter-bridge', bridge, () => void this.filtered.add(bridge));
  }

  setFirewall(firewall: Firewall): Promise<void> {
    return this.#do('set-firewall', firewall.names.table, () => void this.firewalls.set(firewall.names.table, firewall));
  }

  removeFirewall(table: string): Promise<void> {
    return this.#do('remove-firewall', table, () => void this.firewalls.delete(table));
  }

  setForwards(label: string, forwards: readonly Forward[]): Promise<void> {
    return this.#do('set-forwards', label, () => void this.forwards.set(label, forwards));
  }

  /** What was done since this was last asked. */
  done(): readonly string[] {
    return this.steps.splice(0);
  }

  async #do<T>(call: string, what: string | undefined, run: () => T): Promise<T> {
    this.calls += 1;
    const failure = this.fails(call);
    if (failure !== undefined) throw failure;
    const result = run();
    if (what !== undefined) this.steps.push(`${call} ${what}`);
    return result;
  }

  #tunnel(name: string): FakeTunnel {
    const found = this.tunnels.get(name);
    if (found === undefined) throw new KontenaError('KON_NETWORK_REFUSED', `there is no interface ${name}`);
    return found;
  }

  #dropsOf({ policies }: Firewall): Readonly<Record<string, number>> {
    const counters = ['spoofed', 'foreign', ...policies.map(({ stack }) => `denied-${stack}`)];
    return Object.fromEntries(counters.map((name) => [name, this.drops.get(name) ?? 0]));
  }
}
