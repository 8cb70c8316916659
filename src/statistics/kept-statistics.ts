import { Ring } from '../files/index.js';
import { elapsedMs, type Instant, later, messageOf, type Millis, type NodeStatistics, slotOf, type Usage } from '../model/index.js';
import type { Clock, Log, NodeSaid, Statistics, UsageHistory } from '../ports/index.js';
import type { Mean, Sample } from './level.js';
import { lineOf, meanIn } from './lines.js';
import { Series } from './series.js';

/** A day of 1,000 nodes with ten instances each is about 100 MB; of ten nodes, 1 MB. */
const MAX_BYTES = 128 * 1024 * 1024;
const WRITE_EVERY_MS: Millis = 60_000;
const DAY_MS: Millis = 86_400_000;

export interface KeptStatisticsOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: 128 MiB. */
  readonly maxBytes?: number;
}

/** Keeps in memory what is asked for, and writes means of ten minutes to the disk, for another process to take up. Nobody waits for the disk. */
export class KeptStatistics implements Statistics {
  readonly #options: KeptStatisticsOptions;
  readonly #ring: Ring;
  /** By `GRID/NODE`. */
  readonly #newest = new Map<string, NodeSaid>();
  /** By `GRID/todo/web.2`, `GRID/node/n1`. */
  readonly #series = new Map<string, Series>();
  #unwritten: string[] = [];
  #writing: Promise<void> = Promise.resolve();
  #callOff: () => void = () => undefined;
  readonly #loading = new AbortController();
  #loaded: Promise<void> = Promise.resolve();

  private constructor(ring: Ring, options: KeptStatisticsOptions) {
    this.#ring = ring;
    this.#options = options;
  }

  /** Takes up what was written down, while others go on: of a large cluster that takes seconds. */
  static async open(options: KeptStatisticsOptions): Promise<KeptStatistics> {
    const kept = new KeptStatistics(await Ring.open(options.directory, options.maxBytes ?? MAX_BYTES), options);
    kept.#loaded = kept.#load().catch((error: unknown) => options.log.warn('what was kept of statistics cannot be read; it begins anew', { reason: messageOf(error) }));
    kept.#writeLater();
    return kept;
  }

  /** Resolves when what was written down is taken up. */
  get loaded(): Promise<void> {
    return this.#loaded;
  }

  take(grid: string, node: string, said: NodeStatistics): void {
    const at = this.#options.clock.now();
    this.#newest.set(`${grid}/${node}`, { at, said });
    this.#add(`${grid}/node/${node}`, at, said.node);
    for (const [instance, usage] of Object.entries(said.instances)) this.#add(`${grid}/${slotOf(instance)}`, at, usage);
  }

  newest(grid: string, node: string): NodeSaid | undefined {
    return this.#newest.get(`${grid}/${node}`);
  }

  since(grid: string, what: string, from: Instant): UsageHistory {
    return (this.#series.get(`${grid}/${what}`) ?? new Series()).since(from, this.#options.clock.now());
  }

  /** Writes what is not written yet, the ten minutes under way too. */
  async close(): Promise<void> {
    this.#callOff();
    this.#loading.abort();
    await this.#loaded;
    for (const [name, series] of this.#series) this.#ended(name, series.current());
    this.#write();
    await this.#writing;
    await this.#ring.close();
  }

  #add(name: string, at: Instant, usage: Usage): void {
    const sample = sampleOf(usage);
    if (sample !== undefined) this.#ended(name, this.#demand(name).add(at, sample));
  }

  #demand(name: string): Series {
    let series = this.#series.get(name);
    if (series === undefined) this.#series.set(name, (series = new Series()));
    return series;
  }

  #ended(name: string, mean: Mean | undefined): void {
    if (mean !== undefined) this.#unwritten.push(lineOf(name, mean));
  }

  async #load(): Promise<void> {
    for await (const records of this.#ring.forward(await this.#ring.since(() => false), undefined)) {
      if (this.#loading.signal.aborted) return;
      for (const record of records) {
        const { name, mean } = meanIn(record);
        this.#demand(name).restore(mean);
      }
      await new Promise<void>((resolve) => this.#options.clock.soon(resolve));
    }
    this.#forget();
  }

  #writeLater(): void {
    const { clock } = this.#options;
    this.#callOff = clock.at(later(clock.now(), WRITE_EVERY_MS), () => {
      this.#forget();
      this.#write();
      this.#writeLater();
    });
  }

  /** A disk that is full costs what would have been written. */
  #write(): void {
    if (this.#unwritten.length === 0) return;
    const lines = this.#unwritten;
    this.#unwritten = [];
    this.#writing = this.#writing.then(() => this.#ring.append(lines.map((line) => `${line}\n`).join('')))
      .catch((error: unknown) => this.#options.log.error('statistics cannot be written', { reason: messageOf(error) }));
  }

  #forget(): void {
    const now = this.#options.clock.now();
    for (const [name, series] of this.#series) if (series.isOver(now)) this.#series.delete(name);
    for (const [name, { at }] of this.#newest) if (elapsedMs(at, now) > DAY_MS) this.#newest.delete(name);
  }
}

/** Undefined while there are no rates yet. */
function sampleOf({ memoryBytes, rates }: Usage): Sample | undefined {
  if (rates === undefined) return undefined;
  const { cpus, network = { in: 0, out: 0 }, disk } = rates;
  return [cpus, memoryBytes, network.in, network.out, disk.in, disk.out];
}
