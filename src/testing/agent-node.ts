import { Agent } from '../agent/index.js';
import { type Assignment, type Assignments, type ContainersSection, type InstanceReport, later, type Millis, NO_NETWORK, type Sections } from '../model/index.js';
import type { Log, Memory, TableMemory } from '../ports/index.js';
import { FakeAnswerServers } from './fake-answer-server.js';
import { FakeClock } from './fake-clock.js';
import { FakeNetwork } from './fake-engine-networks.js';
import { FakeEngineRegistry } from './fake-engine-registry.js';
import { FakeCounts, FakeDatagrams } from './fake-counts.js';
import { FakeInside } from './fake-inside.js';
import { FakeLogRings, noOwnLog } from './fake-log-rings.js';
import { FakeNameServers } from './fake-name-server.js';
import { FakeProxy } from './fake-proxy.js';
import { FakeRandom } from './fake-random.js';
import { FakeRuntime } from './fake-runtime.js';
import { FakeVolumes } from './fake-volumes.js';
import { noDialer } from './no-dialer.js';
import { minimalService } from './runtime-contract.js';

/** What is told otherwise than usual. */
type Over = Partial<Omit<Assignments, 'containers'>> & { readonly containers?: Partial<ContainersSection> };

export const noTables: TableMemory = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };

/** A node's place in a grid's network. */
const PLACE: Omit<Sections, 'containers'> = { ...NO_NETWORK, network: { subnet: '10.81.0.0/16', lease: '10.81.1.0/24', restricted: [] } };

/** The service that a node is told of. */
export const SERVICE = 'todo/web@4';

/** One node: an engine, an agent on it, what the agent remembers, and everything it said. */
export class Node {
  readonly clock = new FakeClock(1_000_000);
  readonly runtime = new FakeRuntime({ clock: this.clock });
  readonly volumes = new FakeVolumes(this.runtime);
  readonly network = new FakeNetwork();
  readonly names = new FakeNameServers();
  readonly answers = new FakeAnswerServers();
  readonly counts = new FakeCounts();
  readonly datagrams = new FakeDatagrams();
  readonly proxy = new FakeProxy({ list: () => Promise.resolve(this.runtime.containers) });
  readonly logs = new FakeLogRings();
  readonly said: string[] = [];
  readonly logged: string[] = [];
  remembered: Assignments | undefined;
  /** How long the disk takes to remember. */
  saveMs: Millis = 0;
  spec = minimalService('web:1');
  #agent: Agent | undefined;
  #revision = 0;

  constructor() {
    this.runtime.images.add('web:1');
  }

  get agent(): Agent {
    return this.#agent!;
  }

  async start(): Promise<void> {
    const note = (message: string, facts?: Readonly<Record<string, unknown>>): void => void this.logged.push(`${message} ${JSON.stringify(facts ?? {})}`);
    const log: Log = { info: () => undefined, warn: note, error: note };
    const memory: Memory = {
      load: () => Promise.resolve(this.remembered),
      save: async (assignments) => {
        if (this.saveMs > 0) await new Promise<void>((resolve) => this.clock.at(later(this.clock.now(), this.saveMs), resolve));
        this.remembered = assignments;
      },
    };
    const process = this.runtime.newProcess();
    this.#agent = new Agent({
      runtime: process.runtime, inside: new FakeInside(), volumes: this.volumes, dialer: noDialer, clock: this.clock, random: new FakeRandom(1), log, memory, tableMemory: noTables, network: this.network.parts('g', 'n1'), makeNameServer: this.names.make, makeAnswerServer: this.answers.make, proxy: this.proxy, registry: new FakeEngineRegistry(), logs: { rings: this.logs, own: noOwnLog, maxBytes: 1000 }, counts: this.counts, datagrams: this.datagrams, node: { grid: 'g', name: 'n1' }, agentVersion: '1.2.3',
    });
    this.kill = process.end;
    this.#agent.reportTo({
      changed: (report) => void this.said.push(line(report)),
      engine: (isAnswering, reason) => void this.said.push(isAnswering ? 'engine answers' : `engine away: ${reason ?? ''}`),
      factsChanged: () => undefined,
      networkChanged: () => undefined,
      balancingChanged: () => void this.said.push('balancing'),
      statisticsChanged: () => undefined,
    });
    void this.#agent.prepare();
    this.#agent.table({ table: 'peers', part: { version: 1, isWhole: true, isLast: true, rows: [], removed: [], agesMs: [] } });
    await this.pass(0);
  }

  kill: () => void = () => undefined;

  /** Tells the agent what is to run, or, marked with `-`, to stop. */
  async assign(names: readonly string[], { containers, ...over }: Over = {}): Promise<void> {
    this.#revision += 1;
    const instances = names.map((name): Assignment => ({ name: name.replace('-', ''), service: SERVICE, wanted: name.startsWith('-') ? 'stopped' : 'running' }));
    this.agent.assign({
      cluster: 'c', epoch: 1, revision: this.#revision, grid: 'g', containers: { services: { [SERVICE]: this.spec }, instances, secrets: {}, ...containers }, ...PLACE, ...over,
    });
    await this.pass(0);
  }

  /** Time passes; at least the engine's own milliseconds, if it takes any. */
  pass(ms: number): Promise<void> {
    return this.clock.run(ms);
  }

  get running(): readonly string[] {
    return this.runtime.containers.filter(({ state }) => state === 'running').map(({ instance }) => instance);
  }

  report(name: string): InstanceReport | undefined {
    return this.agent.snapshot().find((report) => report.name === name);
  }

  /** What was said, and done, since last asked. */
  news(): readonly string[] {
    return this.said.splice(0);
  }

  done(): readonly string[] {
    return this.runtime.writes.splice(0);
  }
}

const line = ({ name, report: { phase, reason }, isGone }: InstanceReport): string => [name, phase, ...(reason === undefined ? [] : [`(${reason})`]), ...(isGone ? ['gone'] : [])].join(' ');
