import { type Endpoint, firstHost, type Instant, isRetryable, isSame, KontenaError, later, messageOf, type Millis, type NetworkProblem, type NetworkSection, type NetworkStatus, type NodeNetworkBody, parseSubnet, type Peer, subnetText, type TunnelStatus } from '../../model/index.js';
import type { Clock, EngineNetworks, KeptKey, Log, MachineNetwork, MachineView, NamePlace, NetworkNames, Random, Resolver, TunnelKeys } from '../../ports/index.js';
import { Loop } from '../../reconcile/index.js';
import type { Keeper } from '../keeper.js';
import type { Place, Places } from '../places.js';
import type { TableUser } from '../tables.js';
import { policiesOf } from './admission.js';
import { Attachments, type Ground, type Neighbourhood } from './attachments.js';
import { executor } from './execute.js';
import type { Dialler } from './dial.js';
import { changeDue } from './key-age.js';
import { tunnelMtuBytes } from './mtu.js';
import { type NetworkOwner, networkNames } from './names.js';
import { endpointsOf, type NetworkStep, plan, type Wanted } from './plan.js';
import { takeDown } from './reset.js';
import { Rows } from '../rows.js';
import { ownAddresses, stateOf } from './state.js';
import { statusOf } from './status.js';
import { Trouble } from './trouble.js';

/** At rest, all is looked at so often: somebody may have changed it, and nothing tells. */
const LOOK_EVERY_MS: Millis = 30_000;
/** After something was done: to see that it is so. */
const LOOK_AGAIN_MS: Millis = 1_000;
/** The program behind a tunnel may die; asking whether its interface is there costs next to nothing. */
const WATCH_EVERY_MS: Millis = 1_000;
/** A first look that takes longer holds nobody up. */
const FIRST_LOOK_MS: Millis = 2_000;
/** Ports tried, from the one that is set: so many agents may share a machine. */
const PORTS = 16;
/** Times that each other node is reached for when the network is probed. */
const PROBES = 3;

export interface NetworkKeeperOptions {
  readonly machine: MachineNetwork;
  readonly engine: EngineNetworks;
  readonly keys: TunnelKeys;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly owner: NetworkOwner;
  /** UDP port of the tunnels; where it is taken, the next that is free. */
  readonly port: number;
  /** The key of the tunnels is no older than this, while the master is there to tell the peers of another. */
  readonly keyMaxAgeMs: Millis;
  /** `host:port` of the master. */
  readonly master: string;
  readonly neighbourhood: Neighbourhood;
  /** What is said of the network is something else now. */
  readonly onState: (state: NodeNetworkBody) => void;
  /** The node has this place on its grid's network, or none: who waited for it may ask again. */
  readonly onPlace: (place: NamePlace | undefined) => void;
}

/** The only subject of its loop. */
const ALL = 'network';
/** What is wrong with it keeps instances waiting. */
const ENGINE = 'engine';

/** The node's place in its grid's network: the engine's bridge, tunnels to the other nodes, and the filter around them. */
export class NetworkKeeper implements Keeper<NetworkSection>, Places {
  /** The other nodes of the grid. */
  readonly peers: TableUser<Peer>;
  /** The instances of the grid: who they are to the packet filter. */
  readonly endpoints: TableUser<Endpoint>;
  readonly #options: NetworkKeeperOptions;
  readonly #names: NetworkNames;
  readonly #loop: Loop;
  readonly #attachments: Attachments;
  readonly #execute: (step: NetworkStep) => Promise<void>;
  readonly #dialled = new Map<string, string>();
  /** The machine's own addresses when the peers were last dialled, or found as they should be. */
  #dialledFrom: readonly string[] | undefined;
  #key: KeptKey | undefined;
  #isChangingKey = false;
  #section: NetworkSection | undefined;
  readonly #peers: Rows<Peer>;
  readonly #endpoints: Rows<Endpoint>;
  #port: number;
  #view: MachineView | undefined;
  /** What the engine calls the network it was last found to have. */
  #network: string | undefined;
  #problems: readonly NetworkProblem[] = [];
  #said: NodeNetworkBody | undefined;
  #ground: Ground | undefined;
  #callOffWatch: (() => void) | undefined;
  #isStopped = false;

  constructor(options: NetworkKeeperOptions) {
    const { clock, random, log, machine, owner } = options;
    this.#options = options;
    this.#names = networkNames(owner);
    this.#port = options.port;
    this.#attachments = new Attachments(options.neighbourhood);
    this.#execute = executor(machine, this.#names);
    this.peers = this.#peers = new Rows(({ node }) => node, () => this.look());
    this.endpoints = this.#endpoints = new Rows(({ instance }) => instance, () => {
      if ((this.#section?.restricted.length ?? 0) > 0) this.look();
    });
    this.#loop = new Loop({
      clock, random, workers: 1,
      reconcile: () => this.#pass(),
      onError: (_subject, error) => log.warn('the network is not as it should be', { reason: messageOf(error) }),
    });
  }

  /** Resolves when the first look is over, or has taken too long. */
  start(): Promise<void> {
    const { clock } = this.#options;
    this.#loop.enqueue(ALL);
    this.#watch();
    return new Promise((resolve) => {
      const callOff = clock.at(later(clock.now(), FIRST_LOOK_MS), resolve);
      void this.#loop.idle().then(() => {
        callOff();
        resolve();
      });
    });
  }

  obey(section: NetworkSection): void {
    this.#section = section;
    this.#loop.enqueue(ALL);
  }

  /** Something may be otherwise than it was: the engine is back. */
  look(): void {
    this.#loop.enqueue(ALL);
  }

  /**
   * Changes the key of the tunnels, at once. Until the peers are told, which takes the way to the master and from it, packets
   * between them and this node are lost; no connection is. WireGuard knows one key per interface: two at a time would take
   * two interfaces on every node of the grid.
   */
  async rotateKey(): Promise<string> {
    const { clock, keys, machine } = this.#options;
    const key = { ...machine.makeKey(), madeAt: clock.now() };
    await keys.save(key);
    this.#key = key;
    this.look();
    return key.publicKey;
  }

  /** The master was heard: it would tell the peers of another key, so that this is the time to change one that is too old. */
  masterIsThere(): void {
    const { clock, keyMaxAgeMs, log } = this.#options;
    if (this.#isChangingKey || this.#key === undefined || clock.now() < changeDue(this.#key, keyMaxAgeMs)) return;
    this.#isChangingKey = true;
    this.rotateKey()
      .then((publicKey) => log.info('the key of the tunnels was changed, as it was old', { publicKey }))
      .catch((error: unknown) => log.warn('the key of the tunnels is old, and could not be changed', { reason: messageOf(error) }))
      .finally(() => (this.#isChangingKey = false));
  }

  /** Leaves everything as it is: tunnels go on without an agent. */
  stop(): Promise<void> {
    this.#isStopped = true;
    this.#callOffWatch?.();
    return this.#loop.stop();
  }

  state(): NodeNetworkBody {
    const { master } = this.#options;
    return stateOf({ names: this.#names, peers: this.#others(), publicKey: this.#key?.publicKey, port: this.#port, master, problems: this.#problems }, this.#view);
  }

  /** How all of it is at the moment. @param probe reaches for the gateway of another node; resolves to how long that took, or undefined */
  async status(probe: ((gateway: string) => Promise<Millis | undefined>) | undefined): Promise<NetworkStatus> {
    const { clock, machine } = this.#options;
    this.#view = await machine.look(this.#names);
    const { reason } = this.#section ?? {};
    const lease = reason === undefined ? [] : [{ what: 'lease', reason, remedy: 'See the subnet of the grid with `kontenactl get grids`.' }];
    const status = statusOf(this.#others(), this.#view, { names: this.#names, nowMs: clock.wall(), problems: [...lease, ...this.#problems] });
    return probe === undefined ? status : { ...status, tunnels: await Promise.all(status.tunnels.map((tunnel) => this.#probed(tunnel, probe))) };
  }

  async #probed(tunnel: TunnelStatus, probe: (gateway: string) => Promise<Millis | undefined>): Promise<TunnelStatus> {
    const subnet = parseSubnet(this.#others().find(({ node }) => node === tunnel.node)?.subnet ?? '');
    const lengths: (Millis | undefined)[] = [];
    for (let count = 0; subnet !== undefined && count < PROBES; count += 1) lengths.push(await probe(firstHost(subnet)));
    const answered = lengths.filter((length) => length !== undefined).sort((a, b) => a - b);
    const latencyMs = answered[Math.floor(answered.length / 2)];
    return { ...tunnel, probe: { sent: lengths.length, answered: answered.length, ...(latencyMs === undefined ? {} : { latencyMs }) } };
  }

  /** A place for an instance that is to be on the bridge, the same each time it is asked; or why it must wait. */
  attach(instance: string): Place {
    return this.#attachments.attach(instance, this.#ground ?? this.#whyNoGround());
  }

  resolver(instance: string): Resolver | undefined {
    return this.#ground === undefined ? undefined : this.#attachments.resolver(instance, this.#ground);
  }

  /** Its container is gone, or was never made and will not be. */
  detach(instance: string): void {
    this.#attachments.detach(instance);
  }

  #whyNoGround(): string {
    if (this.#section === undefined) return 'the master has not said yet which part of the network is this node\'s';
    if (this.#section.lease === undefined) return this.#section.reason ?? 'this node has no part of the grid\'s subnet yet';
    if (!this.#peers.isKnown) return 'the master has not said yet which other nodes there are';
    return this.#problems.find(({ what }) => what === ENGINE)?.reason ?? 'the engine has no network for this grid yet';
  }

  /** One look, and all that lacks. @throws what failed first, so that it is tried again with patience */
  async #pass(): Promise<Instant> {
    const { clock, machine } = this.#options;
    const trouble = new Trouble();
    await trouble.with('key', () => this.#prepareKey());
    this.#view = await trouble.with('machine', () => machine.look(this.#names));
    const wanted = this.#wanted();
    let steps = 0;
    if (this.#view !== undefined && wanted !== undefined) steps = await this.#approach(wanted, this.#view, trouble);
    else if (this.#view !== undefined && this.#section !== undefined && this.#section.lease === undefined) await this.#giveUp(this.#view, trouble);
    this.#conclude(wanted, trouble);
    if (trouble.first !== undefined && isRetryable(trouble.first)) throw trouble.first;
    return later(clock.now(), steps > 0 ? LOOK_AGAIN_MS : LOOK_EVERY_MS);
  }

  /** Does what lacks. @returns how many steps that took */
  async #approach(wanted: Wanted, seen: MachineView, trouble: Trouble): Promise<number> {
    const { clock, master } = this.#options;
    let view = seen;
    if (this.#network === undefined || !seen.interfaces.some(({ name }) => name === this.#names.bridge)) {
      this.#network = await trouble.with(ENGINE, () => this.#ensureNetwork(wanted, seen));
      view = await this.#lookAgain(seen, trouble);
    }
    this.#adoptPort(view);
    const from = ownAddresses(view, master);
    const hasMoved = this.#dialledFrom !== undefined && !isSame(this.#dialledFrom, from);
    this.#dialledFrom ??= from;
    const { steps, problems } = plan({ ...wanted, port: this.#port }, view, { dialled: this.#dialled, hasMoved, nowMs: clock.wall() });
    trouble.add(problems);
    for (const step of steps) await trouble.with(step.do, () => this.#take(step, from));
    if (steps.length > 0) this.#view = await this.#lookAgain(view, trouble);
    return steps.length;
  }

  async #lookAgain(before: MachineView, trouble: Trouble): Promise<MachineView> {
    return (await trouble.with('machine', () => this.#options.machine.look(this.#names))) ?? before;
  }

  async #take(step: NetworkStep, from: readonly string[]): Promise<void> {
    try {
      await this.#execute(step);
    } catch (error) {
      if (error instanceof KontenaError && error.code === 'KON_TUNNEL_PORT_TAKEN') this.#port = this.#nextPort();
      throw error;
    }
    if (step.do === 'set-peers') {
      this.#dialledFrom = from;
      for (const [publicKey, endpoint] of step.dialled) this.#dialled.set(publicKey, endpoint);
    }
    this.#options.log.info('the network was changed', { did: step.do, why: step.why });
  }

  #nextPort(): number {
    const { port } = this.#options;
    return port + ((this.#port - port + 1) % PORTS);
  }

  /** A tunnel that outlived an agent keeps the port it found. */
  #adoptPort({ tunnel }: MachineView): void {
    const { port } = this.#options;
    if (tunnel !== undefined && tunnel !== 'foreign' && tunnel.port > port && tunnel.port < port + PORTS) this.#port = tunnel.port;
  }

  /** What is to be; undefined while the node has no part of the grid, no key, or does not know the others: a filter that knows no neighbour would cut it off. */
  #wanted(): Wanted | undefined {
    const { subnet: whole = '', lease: part = '', region, restricted = [] } = this.#section ?? {};
    const [subnet, lease, key] = [parseSubnet(whole), parseSubnet(part), this.#key];
    if (subnet === undefined || lease === undefined || key === undefined || !this.#peers.isKnown) return undefined;
    const policies = policiesOf(restricted, this.#endpoints.all, this.#options.owner.node);
    return { names: this.#names, subnet, lease, self: this.#self(region), key, port: this.#port, peers: this.#others(), policies };
  }

  /** This node, as its peers were told of it, in the region that it is in by now. */
  #self(region: string | undefined): Dialler {
    const { privateAddress, publicAddress } = this.#peers.all.find(({ node }) => node === this.#options.owner.node) ?? {};
    return { ...(region === undefined ? {} : { region }), ...(privateAddress === undefined ? {} : { privateAddress }), ...(publicAddress === undefined ? {} : { publicAddress }) };
  }

  #others(): readonly Peer[] {
    return this.#peers.all.filter(({ node }) => node !== this.#options.owner.node);
  }

  async #prepareKey(): Promise<void> {
    const { clock, keys, machine } = this.#options;
    if (this.#key !== undefined) return;
    const kept = await keys.load();
    const now = clock.now();
    const key = { ...(kept ?? machine.makeKey()), madeAt: Math.min(kept?.madeAt ?? now, now) as Instant };
    await keys.save(key);
    this.#key = key;
  }

  #ensureNetwork({ lease, peers }: Wanted, view: MachineView): Promise<string> {
    const { bridge, tunnel } = this.#names;
    return this.#options.engine.ensureNetwork({ subnet: subnetText(lease), gateway: firstHost(lease), bridge, tunnel, mtuBytes: tunnelMtuBytes(endpointsOf(peers), view) });
  }

  /** The node has no part of the subnet, or none any more. */
  async #giveUp(view: MachineView, trouble: Trouble): Promise<void> {
    await trouble.with('tunnels', () => takeDown(this.#options.machine, this.#names, view));
  }

  /** Tells what is so by now, if it is something else than before. */
  #conclude(wanted: Wanted | undefined, trouble: Trouble): void {
    const { onState, onPlace } = this.#options;
    this.#problems = trouble.problems;
    const before = this.#ground;
    this.#ground = wanted === undefined || this.#network === undefined ? undefined : { lease: wanted.lease, network: this.#network };
    const state = this.state();
    if (!isSame(state, this.#said)) onState(state);
    this.#said = state;
    if (!isSame(before, this.#ground)) onPlace(wanted === undefined || this.#ground === undefined ? undefined : { address: firstHost(wanted.lease), subnet: subnetText(wanted.subnet) });
  }

  /** Sees within a second that the tunnel is gone. */
  #watch(): void {
    const { clock, machine } = this.#options;
    if (this.#isStopped) return;
    this.#callOffWatch = clock.at(later(clock.now(), WATCH_EVERY_MS), () => {
      const isThere = this.#view?.tunnel === undefined ? Promise.resolve(true) : machine.hasInterface(this.#names.tunnel);
      void isThere.catch(() => true).then((isSo) => {
        if (!isSo) this.#loop.enqueue(ALL);
        this.#watch();
      });
    });
  }
}
