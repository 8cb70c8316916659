import { elapsedMs, type Instant, later, messageOf, type Millis, type NodeReading, type NodeStatistics, type Reading, requireHostPort, type StatisticsSection, type Usage, usageOf } from '../../model/index.js';
import type { Clock, Datagrams, KernelCounts, Log } from '../../ports/index.js';
import type { Keeper } from '../keeper.js';
import { gaugesOf } from './gauges.js';

const EVERY_MS: Millis = 10_000;
/** The second reading comes soon, as there are no rates before it. */
const FIRST_AFTER_MS: Millis = 1_000;
/** Containers that are read before others have their turn: about half a millisecond. */
const AT_ONCE = 10;
const STATSD_PORT = 8125;

export interface StatisticsKeeperOptions {
  readonly counts: KernelCounts;
  readonly datagrams: Datagrams;
  readonly clock: Clock;
  readonly log: Log;
  readonly node: { readonly grid: string; readonly name: string };
  /** Containers that run, by their instances: `todo/web.2@57` → the engine's id. */
  readonly running: () => ReadonlyMap<string, string>;
  /** There is something new to say. */
  readonly onRead: () => void;
}

/** All that was read at one moment. */
interface Readings {
  readonly at: Instant;
  readonly machine: NodeReading;
  /** By the engine's ids: a container that was replaced has another. */
  readonly containers: ReadonlyMap<string, Reading>;
}

/** What the node and its instances use: read every so often, kept until it is read again, and sent to a statsd if there is one. */
export class StatisticsKeeper implements Keeper<StatisticsSection> {
  readonly #options: StatisticsKeeperOptions;
  #section: StatisticsSection = {};
  #before: Readings | undefined;
  #newest: NodeStatistics | undefined;
  #reading: Promise<void> | undefined;
  #callOff: () => void = () => undefined;
  #isStopped = false;

  constructor(options: StatisticsKeeperOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    this.#read(FIRST_AFTER_MS);
    return Promise.resolve();
  }

  obey(section: StatisticsSection): void {
    this.#section = section;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#callOff();
    await this.#reading;
    this.#options.datagrams.close();
  }

  /** What was read last; undefined before there was anything to compare it with. */
  newest(): NodeStatistics | undefined {
    return this.#newest;
  }

  #read(thenAfterMs: Millis): void {
    const { clock, log } = this.#options;
    this.#reading = this.#take()
      .catch((error: unknown) => log.error('the statistics of this node cannot be read', { reason: messageOf(error) }))
      .then(() => {
        if (!this.#isStopped) this.#callOff = clock.at(later(clock.now(), thenAfterMs), () => this.#read(EVERY_MS));
      });
  }

  async #take(): Promise<void> {
    const { counts, clock, running, onRead } = this.#options;
    const at = clock.now();
    const machine = await counts.machine();
    const instances = running();
    const containers = await this.#readAll([...instances.values()], machine);
    const before = this.#before;
    this.#before = { at, machine, containers };
    if (before === undefined) return;

    const tookMs = elapsedMs(before.at, at);
    const usages: Record<string, Usage> = {};
    for (const [name, id] of instances) {
      const reading = containers.get(id);
      if (reading !== undefined) usages[name] = usageOf(before.containers.get(id), reading, tookMs);
    }
    this.#newest = { node: usageOf(before.machine, machine, tookMs), instances: usages };
    this.#send(this.#newest);
    onRead();
  }

  /** Some at a time, so that nothing else on this node waits for long. */
  async #readAll(ids: readonly string[], machine: NodeReading): Promise<ReadonlyMap<string, Reading>> {
    const { counts, clock } = this.#options;
    const readings = new Map<string, Reading>();
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      if (from > 0) await new Promise<void>((resolve) => clock.soon(resolve));
      for (const id of ids.slice(from, from + AT_ONCE)) {
        const reading = counts.container(id, machine);
        if (reading !== undefined) readings.set(id, reading);
      }
    }
    return readings;
  }

  #send(statistics: NodeStatistics): void {
    const { statsd } = this.#section;
    if (statsd !== undefined) this.#options.datagrams.send(requireHostPort(statsd, STATSD_PORT), gaugesOf(this.#options.node, statistics));
  }
}
