import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { KontenaError } from '../model/index.js';
import type { Detour, Firewall, Forward, MachineNetwork, MachineView, NetworkNames, Route, SeenTunnel, TunnelKey, TunnelPeer, TunnelSettings } from '../ports/index.js';
import { firewallCommands, seenFirewall, tableObjects } from './firewall.js';
import { seenForwards, setForwards } from './forwards.js';
import { makeKey } from './keys.js';
import type { Programs } from './programs.js';
import { removeRoute, seenRoutes, setDetour, setRoute } from './routes.js';
import { detour, interfaces, routes, type SeenInterface, tunnel } from './seen.js';
import { configureTunnel, createTunnel, removeTunnel, setPeers } from './tunnels.js';

/** There when the kernel can show bridged packets to the packet filter. */
const BRIDGE_FILTER = '/proc/sys/net/bridge';

/** The network of a machine that runs Linux, by `ip`, `wg`, `nft`, `iptables` and `wireguard-go`. */
export class LinuxNetwork implements MachineNetwork {
  readonly #programs: Programs;

  constructor(programs: Programs) {
    this.#programs = programs;
  }

  async look({ bridge, tunnel: name, table, routingTable }: NetworkNames): Promise<MachineView> {
    const [links, ways, ownRoutes, rules, firewall, forwards] = await Promise.all([
      this.#programs.must('ip', ['-j', '-d', 'addr', 'show']),
      this.#programs.must('ip', ['-j', '-4', 'route', 'show', 'table', 'main']),
      seenRoutes(this.#programs, routingTable),
      this.#programs.must('ip', ['-j', '-4', 'rule', 'show']),
      this.#listTable(table),
      seenForwards(this.#programs, table),
    ]);
    const found = interfaces(links);
    const way = detour(rules, routingTable);
    const seen = await this.#seenTunnel(found.find((each) => each.name === name));
    return {
      interfaces: found.map(({ name: link, addresses, ipv6, mtuBytes, isUp }) => ({ name: link, addresses, ...(ipv6 === undefined ? {} : { ipv6 }), mtuBytes, isUp })),
      routes: routes(ways),
      ownRoutes,
      ...(way === undefined ? {} : { detour: way }),
      ...(seen === undefined ? {} : { tunnel: seen }),
      ...(firewall === undefined ? {} : { firewall: seenFirewall(firewall) }),
      ...(forwards === undefined ? {} : { forwards }),
      isBridgeFiltered: found.some((each) => each.name === bridge && each.isBridgeFiltered) && existsSync(BRIDGE_FILTER),
    };
  }

  async hasInterface(name: string): Promise<boolean> {
    const devices = await readFile(this.#programs.devices, 'utf8');
    return devices.split('\n').some((line) => line.trimStart().startsWith(`${name}:`));
  }

  makeKey(): TunnelKey {
    return makeKey();
  }

  createTunnel(name: string): Promise<void> {
    return createTunnel(this.#programs, name);
  }

  removeTunnel(name: string): Promise<void> {
    return removeTunnel(this.#programs, name);
  }

  configureTunnel(name: string, settings: TunnelSettings): Promise<void> {
    return configureTunnel(this.#programs, name, settings);
  }

  setPeers(name: string, peers: readonly TunnelPeer[], gone: readonly string[]): Promise<void> {
    return setPeers(this.#programs, name, peers, gone);
  }

  setRoute(names: NetworkNames, route: Route): Promise<void> {
    return setRoute(this.#programs, names, route);
  }

  removeRoute(names: NetworkNames, route: Route): Promise<void> {
    return removeRoute(this.#programs, names, route);
  }

  setDetour(names: NetworkNames, wanted: Detour | undefined): Promise<void> {
    return setDetour(this.#programs, names, wanted);
  }

  async filterBridge(bridge: string): Promise<void> {
    if (!existsSync(BRIDGE_FILTER)) await this.#programs.run('modprobe', ['br_netfilter']).catch(() => undefined);
    if (!existsSync(BRIDGE_FILTER)) throw new KontenaError('KON_BRIDGE_FILTER_MISSING', 'this kernel does not show the packet filter what containers of one bridge send each other');
    await this.#programs.must('ip', ['link', 'set', 'dev', bridge, 'type', 'bridge', 'nf_call_iptables', '1']);
  }

  async setFirewall(firewall: Firewall): Promise<void> {
    const listing = await this.#listTable(firewall.names.table);
    await this.#programs.must('nft', ['-f', '-'], firewallCommands(firewall, listing === undefined ? [] : tableObjects(listing)));
  }

  async removeFirewall(table: string): Promise<void> {
    if ((await this.#listTable(table)) !== undefined) await this.#programs.must('nft', ['delete', 'table', 'ip', table]);
  }

  setForwards(label: string, forwards: readonly Forward[]): Promise<void> {
    return setForwards(this.#programs, label, forwards);
  }

  async #listTable(table: string): Promise<string | undefined> {
    const ended = await this.#programs.run('nft', ['-j', 'list', 'table', 'ip', table]);
    if (ended.code === 0) return ended.out;
    if (/no such file/i.test(ended.err)) return undefined;
    throw new KontenaError('KON_NETWORK_FORBIDDEN', `the packet filter cannot be read: ${ended.err.trim()}`);
  }

  /** An interface of our name is WireGuard's when WireGuard's own tool can read it. */
  async #seenTunnel(link: SeenInterface | undefined): Promise<SeenTunnel | 'foreign' | undefined> {
    if (link === undefined) return undefined;
    const dump = await this.#programs.run('wg', ['show', link.name, 'dump']);
    if (dump.code !== 0) return 'foreign';
    return tunnel(dump.out, link.kind === 'wireguard' ? 'wireguard' : 'wireguard-go');
  }
}
