import {
  type AnyTablePart, type Assignments, type BalancingBody, elapsedMs, type EngineVolume, type FactsBody, type Histogram, type InstanceReport, later, type LogBatch, type LogSearch, type LogSubject, type Millis, type NetworkProblem, type NodeAnswers,
  type NodeNetworkBody, type NodeQuestion, type NodeStatistics, type TableName, type TableStates,
} from '../model/index.js';
import type { AgentSide, ByteStream, Clock, Datagrams, Dialer, EngineRegistry, EngineVolumes, Inside, KernelCounts, Log, LogRings, MakeAnswerServer, MakeNameServer, Memory, OwnLog, Proxy, Random, ReportSink, Runtime, TableMemory } from '../ports/index.js';
import { AnswersKeeper } from './answers/index.js';
import { Assigned } from './assigned.js';
import { BalancersKeeper } from './balancers/index.js';
import { Containers } from './containers/index.js';
import { fillVolume } from './fill-volume.js';
import type { Keepers } from './keeper.js';
import { LogsKeeper } from './logs/index.js';
import { NamesKeeper } from './names/index.js';
import { createNetworkKeeper, type NetworkKeeper, type NetworkParts } from './network/index.js';
import { RegistryKeeper } from './registry/index.js';
import { removeVolumes } from './remove-volumes.js';
import { StatisticsKeeper } from './statistics/index.js';
import { SharedTables } from './tables.js';

export interface AgentOptions {
  readonly runtime: Runtime;
  readonly inside: Inside;
  readonly volumes: EngineVolumes;
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly memory: Memory;
  readonly tableMemory: TableMemory;
  readonly network: NetworkParts;
  readonly makeNameServer: MakeNameServer;
  readonly makeAnswerServer: MakeAnswerServer;
  readonly proxy: Proxy;
  readonly registry: EngineRegistry;
  readonly logs: {
    readonly rings: LogRings;
    /** This agent's own. */
    readonly own: OwnLog;
    /** Bytes kept of each slot's. */
    readonly maxBytes: number;
  };
  readonly counts: KernelCounts;
  readonly datagrams: Datagrams;
  readonly node: { readonly grid: string; readonly name: string };
  readonly agentVersion: string;
}

/** Where every node of a grid is reached by the others: its server of names. */
const NAMES_PORT = 53;
const PROBE_LIMIT_MS: Millis = 2_000;

/** What a node serves besides containers and network. */
type Served = 'names' | 'answers' | 'registry';

/** The node: puts its keepers together, remembers what is assigned and hands each its own part; knows none of their matters. */
export class Agent implements AgentSide {
  readonly inside: Inside;
  readonly #options: AgentOptions;
  readonly #containers: Containers;
  readonly #network: NetworkKeeper;
  readonly #names: NamesKeeper;
  readonly #balancers: BalancersKeeper;
  readonly #logs: LogsKeeper;
  readonly #statistics: StatisticsKeeper;
  readonly #keepers: Keepers;
  readonly #assigned: Assigned;
  readonly #tables: SharedTables;
  #sink: ReportSink | undefined;
  /** What is wrong with what this node serves, by what serves it. */
  readonly #problems = new Map<Served, NetworkProblem>();
  #beginning: Promise<void> | undefined;

  constructor(options: AgentOptions) {
    const { runtime, clock, random, log, memory, tableMemory, network, makeNameServer, makeAnswerServer, proxy, registry, logs, counts, datagrams, node, agentVersion } = options;
    this.#options = options;
    this.inside = options.inside;
    this.#names = new NamesKeeper({
      makeServer: makeNameServer, random, grid: node.grid,
      onProblem: (problem) => this.#serves('names', problem),
    });
    const answers = new AnswersKeeper(makeAnswerServer({ onProblem: (problem) => this.#serves('answers', problem) }));
    this.#network = createNetworkKeeper({
      ...network, clock, random, log,
      neighbourhood: { held: () => this.#containers.addresses(), resolver: (instance, gateway) => this.#names.resolver(instance, gateway) },
      onState: () => this.#sink?.networkChanged(),
      onPlace: (place) => {
        this.#names.serveAt(place);
        this.#containers.mayGoOn();
      },
    });
    this.#balancers = new BalancersKeeper({
      proxy, clock, random, log,
      onPrepared: () => this.#containers.mayGoOn(),
      onStatus: () => this.#sink?.balancingChanged(),
    });
    const registries = new RegistryKeeper({ registry, clock, random, log, onProblem: (problem) => this.#serves('registry', problem) });
    this.#logs = new LogsKeeper({ ...logs, runtime, clock, log });
    this.#containers = new Containers({ runtime, clock, random, log, node, agentVersion, places: this.#network, balancing: this.#balancers, output: this.#logs, amend: (change) => this.#assigned.amend('containers', change) });
    this.#statistics = new StatisticsKeeper({ counts, datagrams, clock, log, node, running: () => this.#containers.running(), onRead: () => this.#sink?.statisticsChanged() });
    this.#keepers = { containers: this.#containers, network: this.#network, names: this.#names, balancers: this.#balancers, answers, registry: registries, statistics: this.#statistics };
    this.#assigned = new Assigned({ memory, log, grid: node.grid, keepers: this.#keepers });
    this.#tables = new SharedTables({ peers: [this.#network.peers], endpoints: [this.#names, this.#network.endpoints, this.#balancers.endpoints, registries.endpoints] }, { memory: tableMemory, clock, log });
  }

  /**
   * Reads what was remembered and lets every keeper take a first look, so that what is said first is true. Before the link
   * dials, or the master hears that nothing is here and takes it for the truth.
   */
  prepare(): Promise<void> {
    this.#beginning ??= this.#begin();
    return this.#beginning;
  }

  /** Reports to `sink` from now on. */
  reportTo(sink: ReportSink): void {
    this.#sink = sink;
    this.#containers.reportTo(sink);
  }

  /** Leaves what is here as it is. What is under way is finished. */
  async stop(): Promise<void> {
    await Promise.all(Object.values(this.#keepers).map((keeper) => keeper.stop()));
    await this.#logs.stop(); // what the others end is still written down
    await this.#tables.stop();
  }

  assign(assignments: Assignments): void {
    this.#assigned.take(assignments);
  }

  snapshot(): readonly InstanceReport[] {
    for (const keeper of Object.values(this.#keepers)) keeper.connects?.();
    return this.#containers.snapshot();
  }

  facts(): FactsBody {
    return this.#containers.facts();
  }

  network(): NodeNetworkBody | undefined {
    const state = this.#network.state();
    return this.#problems.size === 0 ? state : { ...state, problems: [...state.problems, ...this.#problems.values()] };
  }

  balancing(): Readonly<Record<string, Omit<BalancingBody, 'node'>>> | undefined {
    return this.#balancers.status();
  }

  statistics(): NodeStatistics | undefined {
    return this.#statistics.newest();
  }

  table(part: AnyTablePart): void {
    this.#tables.take(part);
  }

  /** Asked with each ping of the master. */
  differing(states: TableStates): readonly TableName[] {
    this.#network.masterIsThere();
    return this.#tables.differing(states);
  }

  served(): Histogram {
    return this.#tables.served();
  }

  logs(subject: LogSubject, search: LogSearch, signal: AbortSignal): AsyncIterable<LogBatch> {
    return this.#logs.read(subject, search, signal);
  }

  dial(instance: string, port: number, signal: AbortSignal): Promise<ByteStream> {
    return this.#options.dialer.dial({ host: this.#containers.addressOf(instance), port, about: `port ${port} of ${instance}` }, signal);
  }

  readVolume(name: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#options.volumes.read(name, signal);
  }

  writeVolume(volume: EngineVolume, tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    return fillVolume(this.#options.volumes, { volume, tar }, signal);
  }

  async answer<K extends NodeQuestion['kind']>(question: Extract<NodeQuestion, { readonly kind: K }>, signal: AbortSignal): Promise<NodeAnswers[K]> {
    const asked: NodeQuestion = question;
    switch (asked.kind) {
      case 'network':
        return (await this.#network.status(asked.isProbed ? (gateway) => this.#probe(gateway, signal) : undefined)) as NodeAnswers[K];
      case 'lookup':
        return this.#names.lookUp(asked.name) as NodeAnswers[K];
      case 'look':
        return (await this.inside.look(asked.instance, asked.path, signal)) as NodeAnswers[K];
      case 'rotate-keys':
        return { publicKey: await this.#network.rotateKey() } as NodeAnswers[K];
      case 'volumes':
        return (await this.#options.volumes.list()) as NodeAnswers[K];
      case 'weigh-volume':
        return (await this.#options.volumes.weigh(asked.name, signal)) as NodeAnswers[K];
      case 'remove-volumes':
        return (await removeVolumes(this.#options.volumes, asked.names)) as NodeAnswers[K];
      case 'checks':
        return (await this.#containers.checks(asked.instance)) as NodeAnswers[K];
    }
  }

  #serves(what: Served, problem: NetworkProblem | undefined): void {
    if (problem === undefined) this.#problems.delete(what);
    else this.#problems.set(what, problem);
    this.#sink?.networkChanged();
  }

  /** How long it takes to reach the server of names of another node; undefined when it cannot be reached. */
  async #probe(gateway: string, signal: AbortSignal): Promise<Millis | undefined> {
    const { clock, dialer } = this.#options;
    const limit = new AbortController();
    const callOff = clock.at(later(clock.now(), PROBE_LIMIT_MS), () => limit.abort());
    const began = clock.now();
    try {
      (await dialer.dial({ host: gateway, port: NAMES_PORT, about: 'the server of names' }, AbortSignal.any([signal, limit.signal]))).close();
      return elapsedMs(began, clock.now());
    } catch {
      return undefined;
    } finally {
      callOff();
    }
  }

  async #begin(): Promise<void> {
    await Promise.all([this.#assigned.recall(), this.#tables.recall()]);
    await this.#logs.start();
    await Promise.all(Object.values(this.#keepers).map((keeper) => keeper.start()));
  }
}
