import {
  type Change, drop, type EngineVolume, type FactsBody, type Histogram, type Instant, type InstanceReport, elapsedMs, type Kind, KontenaError, later, type LogBatch, type LogSearch, type LogSubject, type Millis,
  type NodeAnswers, type NodeNetworkBody, type NodeQuestion, type PulseBody, put,
} from '../../model/index.js';
import type { ByteStream, Changed, Clock, Log, Nodes, RunningProgram, Statistics, Store, Vault } from '../../ports/index.js';
import { STREAMS_WAITING } from '../limits.js';
import { askNode } from './asking.js';
import { nodesAnswering } from './answers.js';
import { assignmentsOf, movingServices, nodesOfSecret, nodesOfStack } from './assignments.js';
import { balancingSaid, leavingBehind } from './balancers.js';
import { GridTables } from './grid-tables.js';
import { ofItsOwn } from './own-statistics.js';
import { machineIn, refusalOf } from './refusal.js';
import { readLines } from './log-lines.js';
import { MasterSession, type Peer, type SessionEvents } from './master-session.js';
import type { EngineState, FromMaster, FromNode } from './messages.js';
import { asBytes, asProgram } from './two-way.js';
import { readVolume, writeVolume } from './volume-bytes.js';
import { Waiting } from './waiting.js';
import type { Wire } from './wire.js';

const BEAT_MS: Millis = 1_000;
/** A beat so late means that the master itself stood still (or its clock was set): no node is to blame for that time. */
const PAUSE_MS: Millis = 3_000;

/** What the tables of a grid wait for more changes to go with them: with 1,000 nodes a fifth of a second, with three none. */
const TABLE_MS_PER_NODE: Millis = 0.2;

type NodeAddress = Parameters<Nodes['dial']>[0];

/** What the master knows of one node's connection. */
interface NodeState {
  readonly grid: string;
  readonly name: string;
  session: MasterSession | undefined;
  /** Of the session: see {@link machineOf}. */
  machine: string | undefined;
  pulse: PulseBody | undefined;
  engine: EngineState;
  /** Instances with a Report of this node. */
  readonly reported: Set<string>;
}

export interface MasterSessionsOptions {
  readonly store: Store;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly log: Log;
  /** What balancers run that name no image but `kontena/lb`. */
  readonly balancerImage: string;
  /** Takes what nodes say they use; nobody does when absent. */
  readonly statistics?: Pick<Statistics, 'take'>;
  /** The authority that signs for agents from now on, by its fingerprint; undefined where certificates are none of its business. */
  readonly signer?: () => string;
}

/**
 * The master's side of all links: down goes what each node must run, up comes what is there, into the store.
 * Writes Facts, Report and Pulse, and writes nothing while nothing changes.
 */
export class MasterSessions implements Nodes {
  readonly #store: Store;
  readonly #vault: Vault;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #signer: () => string | undefined;
  readonly #balancerImage: string;
  readonly #statistics: Pick<Statistics, 'take'> | undefined;
  readonly #nodes = new Map<string, NodeState>();
  /** On the streams of all nodes, what is not read yet. */
  readonly #waiting = new Waiting(STREAMS_WAITING);
  /** `grid/instance` → node. Of an instance that is no more, the record no longer says it. */
  readonly #nodeOf = new Map<string, string>();
  /** Nodes to be told, and readings to be dropped, when this turn of the event loop is over. */
  readonly #due = new Set<NodeState>();
  readonly #drops = new Map<string, Change[]>();
  /** What the nodes of each grid share. */
  readonly #tables = new Map<string, GridTables>();
  /** Grids whose nodes are to hear of a change in their tables. */
  readonly #dueTables = new Set<string>();
  /** Whose assignments a changed record may change. */
  readonly #concerned: { readonly [K in Kind]?: (grid: string, name: string) => void } = {
    Instance: (grid, name) => this.#instanceChanged(grid, name),
    Service: (grid, name) => this.#servicesChanged(grid, [name.slice(0, name.lastIndexOf('@'))]),
    Rollout: (grid, name) => this.#servicesChanged(grid, movingServices(name, this.#store.view(grid))),
    HooksDone: (grid, name) => this.#servicesChanged(grid, [name.slice(0, name.lastIndexOf('.'))]),
    Route: (grid, name) => this.#servicesChanged(grid, name.split(':')),
    Balancing: (grid, name) => this.#servicesChanged(grid, leavingBehind(this.#store.view(grid), name)),
    Node: (grid, name) => this.#nodeChanged(grid, name),
    Lease: (grid, name) => this.#nodesChanged(grid, [name]),
    Grid: (grid) => this.#nodesChanged(grid, this.#store.view(grid).list('Node').map(({ name }) => name)),
    Order: (grid, name) => this.#nodesChanged(grid, nodesAnswering(name, this.#store.view(grid))),
    Stack: (grid, name) => this.#nodesChanged(grid, nodesOfStack(name, this.#store.view(grid))),
    Secret: (grid, name) => this.#nodesChanged(grid, nodesOfSecret(name, this.#store.view(grid))),
    Registry: (grid) => this.#nodesChanged(grid, this.#store.view(grid).list('Instance').map(({ body }) => body.node)),
  };
  #isSoon = false;
  #stop: () => void = () => undefined;
  #callOffBeat: () => void = () => undefined;

  constructor({ store, vault, clock, log, balancerImage, statistics, signer }: MasterSessionsOptions) {
    this.#store = store;
    this.#vault = vault;
    this.#clock = clock;
    this.#log = log;
    this.#balancerImage = balancerImage;
    this.#statistics = statistics;
    this.#signer = signer ?? (() => undefined);
  }

  /** From now on nodes may connect: every known one counts as unheard since now. */
  start(): void {
    this.#stop = this.#store.watch((changed) => this.#notice(changed));
    for (const grid of this.#store.grids()) {
      const view = this.#store.view(grid);
      for (const { name, body } of view.list('Instance')) this.#nodeOf.set(key(grid, name), body.node);
      for (const { name } of view.list('Node')) this.#pulse(this.#node(grid, name), 'unheard');
    }
    this.#nextBeat();
  }

  close(): void {
    this.#stop();
    this.#callOffBeat();
    const nodes = [...this.#nodes.values()];
    this.#nodes.clear();
    for (const node of nodes) {
      const { session } = node;
      node.session = undefined;
      session?.close();
    }
  }

  /** An agent has opened its stream. A newer connection of the same node replaces the older one. */
  accept(peer: Peer, wire: Wire<FromMaster, FromNode>): void {
    const refusal = refusalOf(peer, this.#store.view(peer.grid));
    if (refusal !== undefined) {
      wire.close(refusal);
      return;
    }
    const node = this.#node(peer.grid, peer.name);
    const older = node.session;
    const session: MasterSession = new MasterSession(peer, wire, { clock: this.#clock, log: this.#log, waiting: this.#waiting }, this.#events(node, () => session));
    node.session = session;
    node.machine = machineIn(this.#store.view(peer.grid), peer.name);
    session.open();
    older?.close(new KontenaError('KON_CONFLICT', `a newer connection of node ${peer.name} took over`));
  }

  async *logs(node: NodeAddress, asked: { readonly subject: LogSubject; readonly search: LogSearch }, signal: AbortSignal): AsyncIterable<LogBatch> {
    if (!signal.aborted) yield* readLines(this.#reach(node), asked, signal);
  }

  dial(node: NodeAddress, { instance, port }: { readonly instance: string; readonly port: number }, signal: AbortSignal): ByteStream {
    return asBytes(this.#reach(node).streams.open({ kind: 'dial', instance, port }, signal));
  }

  program(node: NodeAddress, { instance, call }: Parameters<Nodes['program']>[1], signal: AbortSignal): RunningProgram {
    return asProgram(this.#reach(node).streams.open(call === undefined ? { kind: 'attach', instance } : { kind: 'exec', instance, call }, signal));
  }

  files(node: NodeAddress, { instance, path, way }: Parameters<Nodes['files']>[1], signal: AbortSignal): ByteStream {
    return asBytes(this.#reach(node).streams.open({ kind: way, instance, path }, signal));
  }

  readVolume = (node: NodeAddress, volume: string, signal: AbortSignal): AsyncIterable<Uint8Array> => readVolume(this.#reach(node), volume, signal);

  writeVolume(node: NodeAddress, volume: EngineVolume, tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    return writeVolume(this.#reach(node), { volume, tar }, signal);
  }

  async ask<K extends NodeQuestion['kind']>(node: NodeAddress, question: Extract<NodeQuestion, { readonly kind: K }>, signal: AbortSignal): Promise<NodeAnswers[K]> {
    return askNode(this.#reach(node), question, signal, this.#clock);
  }

  /** How long changes of what a grid's nodes share took until those served them, since the master began. */
  served = (grid: string): Histogram => this.#tablesOf(grid).served;

  #reach({ grid, name }: NodeAddress): MasterSession {
    const session = this.#nodes.get(key(grid, name))?.session;
    if (session?.isReady !== true) throw new KontenaError('KON_NODE_UNREACHABLE', `the agent of node ${name} is not connected`);
    return session;
  }

  #events(node: NodeState, own: () => MasterSession): SessionEvents {
    const { grid, name } = node;
    const ifCurrent = (run: () => void): void => {
      if (node.session === own()) run();
    };
    return {
      tables: () => this.#tablesOf(grid).reader(),
      served: (lengths) => this.#tablesOf(grid).wereServed(lengths),
      isAssigned: (instance) => this.#store.view(grid).get('Instance', instance)?.body.node === name,
      network: (network) => ifCurrent(() => this.#observe(grid, [put('NodeNetwork', name, withSeenFrom(network, own().peer), 'said by the agent')])),
      balancing: (balancers) => ifCurrent(() => this.#observe(grid, balancingSaid(this.#store.view(grid), name, balancers))),
      statistics: (statistics) => ifCurrent(() => this.#statistics?.take(grid, name, ofItsOwn(this.#store.view(grid), name, statistics))),
      assignments: () => assignmentsOf({ store: this.#store, vault: this.#vault, balancerImage: this.#balancerImage }, grid, name),
      ready: ({ facts, engine, reports }) => ifCurrent(() => this.#ready(node, { facts, engine, reports })),
      reports: (reports) => ifCurrent(() => this.#observe(grid, this.#accepted(node, reports))),
      facts: (facts) => ifCurrent(() => this.#observe(grid, [put('Facts', name, facts, 'said by the agent')])),
      engine: (engine) => ifCurrent(() => {
        node.engine = engine;
        this.#pulse(node, ...pulseOf(engine));
      }),
      silent: () => ifCurrent(() => {
        this.#log.warn('a node is silent', { grid, node: name });
        this.#pulse(node, 'silent', 'the agent does not answer');
      }),
      heard: () => ifCurrent(() => this.#pulse(node, ...pulseOf(node.engine))),
      closed: (error) => ifCurrent(() => {
        node.session = undefined;
        this.#log.warn('a node is no longer connected', { grid, node: name, ...(error === undefined ? {} : { reason: error.message }) });
        this.#pulse(node, 'silent', 'the agent is not connected');
      }),
    };
  }

  /** A snapshot replaces all that was known of the node. */
  #ready(node: NodeState, said: { readonly facts: FactsBody; readonly engine: EngineState; readonly reports: readonly InstanceReport[] }): void {
    const { grid, name } = node;
    const there = new Set(said.reports.map((report) => report.name));
    const stale = [...node.reported].filter((instance) => !there.has(instance));
    for (const instance of stale) node.reported.delete(instance);
    this.#observe(grid, [
      put('Facts', name, said.facts, 'said by the agent'),
      ...stale.map((instance) => drop('Report', instance, 'not in the snapshot of its node')),
      ...this.#accepted(node, said.reports),
    ]);
    node.engine = said.engine;
    this.#log.info('a node is connected', { grid, node: name });
    this.#pulse(node, ...pulseOf(said.engine));
    this.#askToRenew(node);
  }

  /** Another authority signs from now on: agents with older certificates renew. */
  authorityChanged(): void {
    for (const node of this.#nodes.values()) this.#askToRenew(node);
  }

  #askToRenew(node: NodeState): void {
    const signer = this.#signer();
    if (signer !== undefined && this.#store.view(node.grid).get('Node', node.name)?.body.authority !== signer) node.session?.renew();
  }

  /** What an agent says counts only of instances that are assigned to it. */
  #accepted(node: NodeState, reports: readonly InstanceReport[]): readonly Change[] {
    const view = this.#store.view(node.grid);
    return reports
      .filter((report) => view.get('Instance', report.name)?.body.node === node.name)
      .map(({ name, report, isGone }) => {
        node.reported.add(name);
        return put('Report', name, { ...report, node: node.name, ...(isGone ? { phase: 'stopped' as const } : {}) }, 'said by the agent');
      });
  }

  /** Pulses change; they do not beat. */
  #pulse(node: NodeState, state: PulseBody['state'], reason?: string): void {
    if (node.pulse?.state === state && node.pulse.reason === reason) return;
    const since = node.pulse?.state === state ? node.pulse.since : this.#clock.now();
    node.pulse = { state, since, ...(reason === undefined ? {} : { reason }) };
    this.#observe(node.grid, [put('Pulse', node.name, node.pulse, 'heard by the link')]);
  }

  #observe(grid: string, steps: readonly Change[]): void {
    if (steps.length > 0) this.#store.observe({ writer: 'link', grid }, steps);
  }

  #notice(changed: readonly Changed[]): void {
    for (const one of changed) {
      const { grid, kind, name } = one;
      if (this.#tables.get(grid)?.notice(one) === true) this.#tellTables(grid);
      this.#concerned[kind]?.(grid, name);
    }
  }

  #instanceChanged(grid: string, name: string): void {
    const node = this.#store.view(grid).get('Instance', name)?.body.node;
    const before = this.#nodeOf.get(key(grid, name));
    if (node !== undefined) this.#nodeOf.set(key(grid, name), node);
    else this.#nodeOf.delete(key(grid, name));

    const state = this.#nodes.get(key(grid, node ?? before ?? ''));
    if (state === undefined) return;
    this.#assign(state);
    if (node === undefined && state.reported.delete(name)) this.#drop(grid, [drop('Report', name, 'its instance is no more'), drop('Balancing', name, 'its instance is no more')]);
  }

  /** The parts of a declaration that change in place concern the nodes that run it, and so do which of its hooks are done, and how it is served. */
  #servicesChanged(grid: string, services: readonly string[]): void {
    const view = this.#store.view(grid);
    this.#nodesChanged(grid, new Set(services.flatMap((service) => view.instancesOf(service).map(({ body }) => body.node))));
  }

  /** What these nodes are told may be another: what runs there, their part of the subnet, who may reach what runs there, or what they answer. */
  #nodesChanged(grid: string, names: Iterable<string>): void {
    for (const name of names) {
      const node = this.#nodes.get(key(grid, name));
      if (node !== undefined) this.#assign(node);
    }
  }

  #tablesOf(grid: string): GridTables {
    let tables = this.#tables.get(grid);
    if (tables === undefined) this.#tables.set(grid, (tables = new GridTables(grid, { store: this.#store, clock: this.#clock })));
    return tables;
  }

  /** Each node is told a little later, the more nodes there are, so that what changes together goes together. */
  #tellTables(grid: string): void {
    if (this.#dueTables.has(grid)) return;
    this.#dueTables.add(grid);
    const tell = (): void => {
      this.#dueTables.delete(grid);
      for (const node of this.#nodes.values()) if (node.grid === grid) node.session?.tell();
    };
    const waitMs = Math.floor(this.#nodes.size * TABLE_MS_PER_NODE);
    if (waitMs === 0) this.#clock.soon(tell);
    else this.#clock.at(later(this.#clock.now(), waitMs), tell);
  }

  #nodeChanged(grid: string, name: string): void {
    const node = this.#nodes.get(key(grid, name));
    if (node === undefined) return;
    const view = this.#store.view(grid);
    const isSame = node.machine !== undefined && node.machine === machineIn(view, name);
    const refusal = node.session === undefined || isSame ? undefined : refusalOf(node.session.peer, view);
    if (view.get('Node', name) === undefined) {
      this.#nodes.delete(key(grid, name));
      const reports = [...node.reported].map((instance) => drop('Report', instance, 'its node is no more'));
      const balancing = balancingSaid(view, name, {});
      this.#drop(grid, [drop('Facts', name, 'its node is no more'), drop('Pulse', name, 'its node is no more'), drop('NodeNetwork', name, 'its node is no more'), ...reports, ...balancing]);
    }
    this.#assign(node); // it may have been confirmed
    if (refusal === undefined) return;
    const { session } = node;
    node.session = undefined;
    session?.close(refusal);
  }

  /** All that changes in one turn of the event loop goes to a node as one message. */
  #assign(node: NodeState): void {
    if (node.session === undefined) return;
    this.#due.add(node);
    this.#soon();
  }

  /** Not at once: the store is telling its listeners right now. */
  #drop(grid: string, steps: readonly Change[]): void {
    const drops = this.#drops.get(grid) ?? [];
    this.#drops.set(grid, [...drops, ...steps]);
    this.#soon();
  }

  #soon(): void {
    if (this.#isSoon) return;
    this.#isSoon = true;
    this.#clock.soon(() => {
      this.#isSoon = false;
      const drops = [...this.#drops];
      const due = [...this.#due];
      this.#drops.clear();
      this.#due.clear();
      for (const [grid, steps] of drops) this.#observe(grid, steps);
      for (const { session } of due) session?.assign();
    });
  }

  #nextBeat(): void {
    const due = later(this.#clock.now(), BEAT_MS);
    this.#callOffBeat = this.#clock.at(due, () => {
      const now = this.#clock.now();
      const lateMs = elapsedMs(due, now);
      if (lateMs > PAUSE_MS) this.#log.warn('the master stood still', { lateMs });
      this.#beat(now, lateMs > PAUSE_MS);
      this.#nextBeat();
    });
  }

  #beat(now: Instant, wasPaused: boolean): void {
    for (const { session } of this.#nodes.values()) session?.beat(now, wasPaused);
  }

  #node(grid: string, name: string): NodeState {
    const known = this.#nodes.get(key(grid, name));
    if (known !== undefined) return known;
    const node: NodeState = { grid, name, session: undefined, machine: undefined, pulse: undefined, engine: { isAnswering: true }, reported: new Set() };
    this.#nodes.set(key(grid, name), node);
    return node;
  }
}

const key = (grid: string, name: string): string => `${grid}/${name}`;

/** A node behind a translating router knows only its own side of it. */
const withSeenFrom = (network: NodeNetworkBody, { address }: Peer): NodeNetworkBody => (address === undefined ? network : { ...network, seenFrom: address });

function pulseOf({ isAnswering, reason }: EngineState): [PulseBody['state'], string?] {
  return isAnswering ? ['heard'] : ['engine', reason ?? 'the container engine does not answer'];
}
