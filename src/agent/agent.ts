import type { AnyTablePart, Assignments, FactsBody, Histogram, InstanceReport, LogLine, NodeNetworkBody, TableName, TableStates } from '../model/index.js';
import type { AgentSide, ByteStream, Clock, Dialer, Log, LogQuery, Memory, Random, ReportSink, Runtime, TableMemory } from '../ports/index.js';
import { Assigned } from './assigned.js';
import { Containers } from './containers/index.js';
import type { Keepers } from './keeper.js';
import { SharedTables } from './tables.js';

export interface AgentOptions {
  readonly runtime: Runtime;
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly memory: Memory;
  readonly tableMemory: TableMemory;
  readonly node: { readonly grid: string; readonly name: string };
  readonly agentVersion: string;
}

/** The node: puts its keepers together, remembers what is assigned and hands each its own part; knows none of their matters. */
export class Agent implements AgentSide {
  readonly #options: AgentOptions;
  readonly #containers: Containers;
  readonly #keepers: Keepers;
  readonly #assigned: Assigned;
  readonly #tables: SharedTables;
  #beginning: Promise<void> | undefined;

  constructor(options: AgentOptions) {
    const { runtime, clock, random, log, memory, tableMemory, node, agentVersion } = options;
    this.#options = options;
    this.#containers = new Containers({ runtime, clock, random, log, node, agentVersion, amend: (change) => this.#assigned.amend('containers', change) });
    this.#keepers = { containers: this.#containers };
    this.#assigned = new Assigned({ memory, log, grid: node.grid, keepers: this.#keepers });
    this.#tables = new SharedTables({}, { memory: tableMemory, clock, log });
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
    this.#containers.reportTo(sink);
  }

  /** Leaves what is here as it is. What is under way is finished. */
  async stop(): Promise<void> {
    await Promise.all(Object.values(this.#keepers).map((keeper) => keeper.stop()));
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
    return undefined;
  }

  table(part: AnyTablePart): void {
    this.#tables.take(part);
  }

  differing(states: TableStates): readonly TableName[] {
    return this.#tables.differing(states);
  }

  served(): Histogram {
    return this.#tables.served();
  }

  logs(instance: string, query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine> {
    return this.#options.runtime.logs(instance, query, signal);
  }

  dial(instance: string, port: number, signal: AbortSignal): Promise<ByteStream> {
    return this.#options.dialer.dial({ host: this.#containers.addressOf(instance), port, about: `port ${port} of ${instance}` }, signal);
  }

  async #begin(): Promise<void> {
    await Promise.all([this.#assigned.recall(), this.#tables.recall()]);
    await Promise.all(Object.values(this.#keepers).map((keeper) => keeper.start()));
  }
}
