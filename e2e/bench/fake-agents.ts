import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.js';
import { joinCluster, openAgentLink } from '../../src/link/index.js';
import { type AnyTablePart, type Assignments, type Endpoint, type FactsBody, type InstanceReport, type NodeNetworkBody, nthAddress, requireSubnet } from '../../src/model/index.js';
import type { Log, ReportSink } from '../../src/ports/index.js';
import { systemRandom } from '../../src/random.js';
import { SilentAgent } from '../../src/testing/silent-agent.js';
import { inParallel } from './contender.js';

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

const FACTS: FactsBody = {
  agentVersion: 'bench', engineVersion: '20.10.24', engineApiVersion: '1.41', operatingSystem: 'none', kernel: 'none', architecture: 'x86_64',
  cpus: 64, memoryBytes: 256 * 2 ** 30, volumeDrivers: [], networkDrivers: [], addresses: [],
};

/** What an engine takes to start a container, alone on a quiet machine. */
const START_MS = 290;

/** A node whose engine is perfect: what is wanted runs as soon as an engine can start it. The link to the master is the real one. */
export class FakeAgent extends SilentAgent {
  readonly #reports = new Map<string, InstanceReport>();
  #sink: ReportSink | undefined;
  #close: () => Promise<void> = () => Promise.resolve();
  running: readonly string[] = [];
  /** Its part of the grid's subnet. */
  lease: string | undefined;
  onTable: (rows: readonly Endpoint[]) => void = () => undefined;

  constructor(
    readonly name: string,
    private readonly onAssign: (agent: FakeAgent) => void,
  ) {
    super();
  }

  open(master: string, pkiDirectory: string): void {
    const link = openAgentLink({ clock: systemClock, random: systemRandom, log: quiet, master, pkiDirectory, agent: this });
    this.#sink = link;
    this.#close = () => link.close();
    link.engine(true);
  }

  close(): Promise<void> {
    return this.#close();
  }

  override assign({ containers: { instances }, network }: Assignments): void {
    this.lease = network.lease;
    this.running = instances.filter(({ wanted }) => wanted === 'running').map(({ name }) => name);
    this.onAssign(this);
    const wanted = new Set(this.running);
    for (const name of wanted) {
      if (!this.#reports.has(name)) setTimeout(() => this.#started(name), START_MS);
    }
    const stopped = instances.filter((each) => each.wanted === 'stopped').map(({ name }) => name);
    for (const name of [...stopped, ...[...this.#reports.keys()].filter((each) => !wanted.has(each))]) {
      this.#say({ name, isGone: true, report: { phase: 'stopped', since: systemClock.now(), restarts: 0 } });
      this.#reports.delete(name);
    }
  }

  #started(name: string): void {
    if (!this.running.includes(name)) return;
    this.#say({ name, isGone: false, report: { phase: 'running', since: systemClock.now(), restarts: 0, ...(this.lease === undefined ? {} : { address: nthAddress(requireSubnet(this.lease), 2) }) } });
  }

  /** Says from now on what its network is. */
  haveNetwork(state: NodeNetworkBody): void {
    this.state = state;
    this.#sink?.networkChanged();
  }

  /** An instance becomes healthy, or unhealthy if it was. */
  turn(instance: string): void {
    const before = this.#reports.get(instance);
    if (before === undefined) return;
    this.#say({ ...before, report: { ...before.report, health: before.report.health === 'unhealthy' ? 'healthy' : 'unhealthy' } });
  }

  override snapshot(): readonly InstanceReport[] {
    return [...this.#reports.values()];
  }

  override facts(): FactsBody {
    return FACTS;
  }

  override table({ table, part }: AnyTablePart): void {
    if (table === 'endpoints') this.onTable(part.rows);
  }

  #say(report: InstanceReport): void {
    this.#reports.set(report.name, report);
    this.#sink?.changed(report);
  }
}

export interface Crowd {
  readonly count: number;
  /** Their keys and certificates lie below it. */
  readonly directory: string;
  readonly token: string;
  /** HOST:PORT. */
  readonly master: string;
  readonly onAssign: (agent: FakeAgent) => void;
}

/** Joins agents to a master, each with a certificate and a connection of its own. */
export async function joinFakeAgents({ count, directory, token, master, onAssign }: Crowd): Promise<readonly FakeAgent[]> {
  const agents = Array.from({ length: count }, (_, index) => new FakeAgent(`n${index + 1}`, onAssign));
  await inParallel(agents, 16, async (agent) => {
    const pkiDirectory = join(directory, agent.name);
    mkdirSync(pkiDirectory, { recursive: true });
    await joinCluster({ master, token, name: agent.name, labels: [], pkiDirectory });
    agent.open(master, pkiDirectory);
  });
  return agents;
}
