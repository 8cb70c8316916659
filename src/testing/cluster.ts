import { rmSync } from 'node:fs';
import { CONTROLLERS } from '../../controllers/index.js';
import { Agent } from '../agent/index.js';
import { createApi } from '../api/index.js';
import { type FromMaster, type FromNode, MasterSessions, NodeSession } from '../link/session/index.js';
import { type Assignments, later, messageOf, type Millis, put, type ServiceSpec, type StackSpec, type TableName } from '../model/index.js';
import type { Log, Memory, Store, TableMemory } from '../ports/index.js';
import { run, type Running } from '../reconcile/index.js';
import { openStore } from '../store/index.js';
import { FakeAuthority } from './fake-authority.js';
import { FakeClock, settled } from './fake-clock.js';
import type { FakeRandom } from './fake-random.js';
import { FakeNetwork } from './fake-engine-networks.js';
import { FakeNameServers } from './fake-name-server.js';
import { FakeRuntime } from './fake-runtime.js';
import { FakeWire } from './fake-wire.js';
import { MortalStore } from './mortal-store.js';
import { noDialer } from './no-dialer.js';
import { testVault } from './test-vault.js';

const GRID = 'default';
const ADMIN = { name: 'admin', role: 'admin' } as const;

/** How long a message of the simulated wire takes. */
const WIRE_MS: Millis = 5;
/** How long a dead process is away before its service manager starts it again. */
const RESTART_MS: Millis = 2_000;

/** A master of the simulation: real store, api, controllers and sessions; it can die between any two commits. */
class SimMaster {
  readonly store: MortalStore;
  readonly api: ReturnType<typeof createApi>;
  readonly sessions: MasterSessions;
  readonly #inner: Store;
  readonly #loops: readonly Running[];

  constructor(file: string, cluster: SimCluster) {
    const { clock, random, log } = cluster;
    this.#inner = openStore(file, { clock, random, onFatal: (error) => cluster.errors.push(error) });
    this.store = new MortalStore(this.#inner, () => cluster.masterDied());
    const vault = testVault(this.store);
    this.sessions = new MasterSessions({ store: this.store, vault, clock, log });
    this.api = createApi({ store: this.store, vault, clock, random, nodes: this.sessions, authority: new FakeAuthority(clock), pack: () => noBackup(), version: 'simulated' });
    const onError = (subject: string, error: unknown): void => void cluster.errors.push(`${subject}: ${messageOf(error)}`);
    this.#loops = CONTROLLERS.map((controller) => run(controller, { store: this.store, clock, random, onError }));
    this.sessions.start();
  }

  /** The process is gone: what it held is let go, and nothing of it acts again. */
  async bury(): Promise<void> {
    this.sessions.close();
    for (const loop of this.#loops) void loop.stop();
    await this.#inner.close();
  }
}

/** A node of the simulation: a real agent and session on a fake engine that outlives them. */
export class SimNode {
  readonly runtime: FakeRuntime;
  readonly network = new FakeNetwork();
  readonly names = new FakeNameServers();
  readonly #cluster: SimCluster;
  #remembered: Assignments | undefined;
  readonly #tables: Partial<Record<TableName, readonly unknown[]>> = {};
  readonly #tableMemory: TableMemory = {
    load: (table) => Promise.resolve(this.#tables[table] as never),
    save: (table, rows) => Promise.resolve(void (this.#tables[table] = rows)),
  };
  #stop: (() => void) | undefined;
  #wire: FakeWire<FromNode, FromMaster> | undefined;
  isPartitioned = false;

  constructor(readonly name: string, cluster: SimCluster) {
    this.#cluster = cluster;
    this.runtime = new FakeRuntime({ clock: cluster.clock });
  }

  async startAgent(): Promise<void> {
    if (this.#stop !== undefined) return;
    const { clock, random, log } = this.#cluster;
    const memory: Memory = {
      load: () => Promise.resolve(this.#remembered),
      save: (assignments) => {
        this.#remembered = assignments;
        return Promise.resolve();
      },
    };
    const life = this.runtime.newProcess();
    const agent = new Agent({
      runtime: life.runtime, dialer: noDialer, clock, random, log, memory, tableMemory: this.#tableMemory, network: this.network.parts(GRID, this.name), makeNameServer: this.names.make, node: { grid: GRID, name: this.name }, agentVersion: 'simulated',
    });
    const session = new NodeSession({ agent, clock, random, log, dial: () => this.#dial() });
    let isOver = false;
    this.#stop = () => {
      isOver = true;
      life.end();
      session.close();
      void agent.stop();
      this.#wire?.break();
    };
    agent.reportTo(session);
    void agent.prepare().then(() => {
      if (!isOver) session.start();
    });
  }

  /** The agent's process is gone; its containers run on. */
  killAgent(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  /** From now on no message passes, in either direction, until healed; nobody is told. */
  partition(): void {
    this.isPartitioned = true;
    this.#wire?.cut();
  }

  heal(): void {
    this.isPartitioned = false;
    this.#wire?.break();
  }

  masterGone(): void {
    if (!this.isPartitioned) this.#wire?.break();
  }

  #dial(): FakeWire<FromNode, FromMaster>['left'] {
    const wire = new FakeWire<FromNode, FromMaster>({ clock: this.#cluster.clock, delayMs: () => this.#cluster.wireMs() });
    this.#wire = wire;
    if (this.isPartitioned) wire.cut();
    else this.#cluster.connect(this.name, wire);
    return wire.left;
  }
}

/** A whole cluster in one process: real store, api, controllers, sessions and agents; fake time, engines and wires. */
export class SimCluster {
  readonly clock = new FakeClock(1_700_000_000_000);
  readonly errors: unknown[] = [];
  readonly nodes = new Map<string, SimNode>();
  /** What happened, for whoever has to find out why. */
  readonly story: string[] = [];
  /** Added to what each message takes: late messages. */
  lateMs: Millis = 0;
  #master: SimMaster | undefined;
  readonly #file: string;
  readonly #began = this.clock.now();

  constructor(file: string, readonly random: FakeRandom) {
    this.#file = file;
    this.#removeFiles();
  }

  /** What programs of the cluster log is part of the story. */
  readonly log: Log = {
    info: (message, facts) => this.tell(`  ${message} ${JSON.stringify(facts ?? {})}`),
    warn: (message, facts) => this.tell(`  ${message} ${JSON.stringify(facts ?? {})}`),
    error: (message, facts) => this.tell(`  ${message} ${JSON.stringify(facts ?? {})}`),
  };

  tell(what: string): void {
    this.story.push(`${((this.clock.now() - this.#began) / 1000).toFixed(3).padStart(9)} s  ${what}`);
  }

  wireMs(): Millis {
    return WIRE_MS + Math.floor(this.random.fraction() * this.lateMs);
  }

  get store(): Store | undefined {
    return this.#master?.store;
  }

  get isMasterUp(): boolean {
    return this.#master !== undefined;
  }

  async start(nodeNames: readonly string[]): Promise<void> {
    const master = this.#startMaster();
    await master.api.prepare();
    for (const [index, name] of nodeNames.entries()) {
      await master.store.update({ writer: 'api', grid: GRID }, () => ({
        steps: [put('Node', name, { number: index + 1, labels: [], availability: 'active', keyFingerprint: name }, 'it joined')],
      }));
      const node = new SimNode(name, this);
      this.nodes.set(name, node);
      await node.startAgent();
    }
  }

  connect(name: string, wire: FakeWire<FromNode, FromMaster>): void {
    if (this.#master === undefined) wire.break();
    else this.#master.sessions.accept({ grid: GRID, name, keyFingerprint: name }, wire.right);
  }

  /** The master ends after so many more commits, and is started again a little later. */
  killMasterAfter(commits: number): void {
    this.#master?.store.dieAfter(commits);
  }

  killMaster(): void {
    this.#master?.store.die();
  }

  masterDied(): void {
    const master = this.#master;
    if (master === undefined) return;
    this.tell('the master died');
    this.#master = undefined;
    void master.bury().then(() => {
      for (const node of this.nodes.values()) node.masterGone();
      this.clock.at(later(this.clock.now(), RESTART_MS), () => {
        this.tell('the master starts again');
        this.#startMaster();
      });
    });
  }

  /** Declares a stack, and writes secrets with it. Resolves to whether the master acknowledged it. */
  async apply(stack: StackSpec, secrets: Readonly<Record<string, string>> = {}): Promise<boolean> {
    const master = this.#master;
    if (master === undefined) return false;
    let isAcknowledged = false;
    void master.api.control(ADMIN).apply({ grid: GRID, stack, dryRun: false, secrets }).then(
      () => (isAcknowledged = true),
      (error: unknown) => this.errors.push(error),
    );
    await settled();
    return isAcknowledged;
  }

  /** Runs `check` whenever something may have happened, until `byMs` have passed. */
  async pass(byMs: Millis, check: () => void = () => undefined): Promise<void> {
    const end = later(this.clock.now(), byMs);
    for (;;) {
      const next = this.clock.nextAlarm;
      const isLast = next === undefined || next > end;
      await this.clock.run(Math.max(0, (isLast ? end : next) - this.clock.now()));
      check();
      if (isLast) return;
    }
  }

  async stop(): Promise<void> {
    for (const node of this.nodes.values()) node.killAgent();
    const master = this.#master;
    this.#master = undefined;
    await master?.bury();
    this.#removeFiles();
  }

  #startMaster(): SimMaster {
    this.#master = new SimMaster(this.#file, this);
    return this.#master;
  }

  #removeFiles(): void {
    for (const suffix of ['', '-wal', '-shm', '.lock', '-journal']) rmSync(`${this.#file}${suffix}`, { force: true });
  }
}

/** A stack of services, each with an image that names its version. */
export const simStack = (name: string, services: Readonly<Record<string, ServiceSpec>>): StackSpec =>
  ({ name, services, volumes: {}, labels: [], metadata: {}, variables: {} });

async function* noBackup(): AsyncIterable<Uint8Array> {
  await Promise.resolve();
  yield* [];
}
