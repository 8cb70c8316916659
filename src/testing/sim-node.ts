import { Agent } from '../agent/index.js';
import { type FromMaster, type FromNode, NodeSession } from '../link/session/index.js';
import { type Assignments, slotOf, vaultUses, versionName } from '../model/index.js';
import type { Millis } from '../model/index.js';
import type { Log, Random, Runtime } from '../ports/index.js';
import { FakeAnswerServers } from './fake-answer-server.js';
import type { FakeClock } from './fake-clock.js';
import { FakeNetwork } from './fake-engine-networks.js';
import { FakeEngineRegistry } from './fake-engine-registry.js';
import { FakeCounts, FakeDatagrams } from './fake-counts.js';
import { FakeInside } from './fake-inside.js';
import { FakeLogRings, noOwnLog } from './fake-log-rings.js';
import { FakeMachine } from './fake-machine.js';
import { FakeNameServers } from './fake-name-server.js';
import { FakePause } from './fake-pause.js';
import { FakeProxy } from './fake-proxy.js';
import { FakeRuntime } from './fake-runtime.js';
import { FakeWire } from './fake-wire.js';
import { FakeVolumes } from './fake-volumes.js';
import { noDialer } from './no-dialer.js';
import { SimMemory } from './sim-memory.js';

/** So many of the newest assignments are kept to be said again. */
const OLD = 12;

/** What a node of the simulation needs of the rest. */
export interface SimWorld {
  readonly clock: FakeClock;
  readonly random: Random;
  readonly log: Log;
  wireMs(): Millis;
  connect(node: SimNode, wire: FakeWire<FromNode, FromMaster>): void;
  /** A promise is broken, in words. */
  broke(why: string): void;
}

/** A machine of the simulation: a real agent and session on a fake engine that outlives them. */
export class SimNode {
  readonly runtime: FakeRuntime;
  readonly machine: FakeMachine;
  readonly network = new FakeNetwork();
  readonly names = new FakeNameServers();
  readonly answers = new FakeAnswerServers();
  readonly logs = new FakeLogRings();
  readonly proxy: FakeProxy;
  readonly memory: SimMemory;
  readonly pause = new FakePause();
  readonly #world: SimWorld;
  /** What its certificate says. */
  #keys = 1;
  #stop: (() => void) | undefined;
  #wire: FakeWire<FromNode, FromMaster> | undefined;
  readonly #old: FromMaster[] = [];
  #isBack = false;
  /** The first that was heard on a new connection, until it is obeyed. */
  #news: Assignments | undefined;
  /** What ran here and did not belong here any more when the agent came back. */
  #elsewhere = new Set<string>();
  isPartitioned = false;

  constructor(readonly grid: string, readonly name: string, world: SimWorld) {
    this.#world = world;
    this.machine = new FakeMachine(world.clock);
    this.runtime = new FakeRuntime({ clock: this.machine.engineClock });
    this.proxy = new FakeProxy({ list: () => Promise.resolve(this.runtime.containers) });
    this.memory = new SimMemory(world.clock, (why) => world.broke(`${name} ${why}`));
    this.memory.onObeyed = (assignments) => this.#obeyed(assignments);
  }

  get key(): string {
    return `${this.name} key ${String(this.#keys)}`;
  }

  get isRunning(): boolean {
    return this.#stop !== undefined;
  }

  startAgent(): void {
    if (this.#stop !== undefined) return;
    const { random, log } = this.#world;
    const clock = this.pause.clock(this.machine.startClock());
    const life = this.runtime.newProcess(this.pause);
    const { memory, tableMemory, end } = this.memory.newProcess();
    const agent = new Agent({
      runtime: this.#watched(life.runtime), inside: new FakeInside(), volumes: new FakeVolumes(this.runtime), dialer: noDialer, clock, random, log, memory, tableMemory, network: this.network.parts(this.grid, this.name), makeNameServer: this.names.make, makeAnswerServer: this.answers.make, proxy: this.proxy, registry: new FakeEngineRegistry(), logs: { rings: this.logs, own: noOwnLog, maxBytes: 1000 }, counts: new FakeCounts(), datagrams: new FakeDatagrams(), node: { grid: this.grid, name: this.name }, agentVersion: 'simulated',
    });
    const session = new NodeSession({ agent, clock, random, log, dial: () => this.#dial() });
    let isOver = false;
    this.#stop = () => {
      isOver = true;
      end();
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
    this.pause.goOn();
  }

  /** The machine is switched off. Its disks are as they were. */
  turnOff(): void {
    this.killAgent();
    this.runtime.reboot();
  }

  /** The agent's own directory is gone, and so is what it heard. */
  loseMemory(): void {
    this.killAgent();
    this.memory.forget();
    this.#old.length = 0;
  }

  /** It is to join anew: another key, and nothing remembered. */
  renewKey(): string {
    this.loseMemory();
    this.#keys += 1;
    return this.key;
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

  /** Something that a master said before is heard again, as from one that nobody stopped when another took its place. */
  hearAgain(random: { pick<T>(items: readonly T[]): T }): void {
    if (this.#old.length > 0) this.#wire?.right.send(random.pick(this.#old));
  }

  /** Says of an instance that is not its own that it ended. */
  lieAbout(instance: string): void {
    const report = { phase: 'stopped', since: this.#world.clock.now(), restarts: 0, reason: 'a lie' } as const;
    this.#wire?.left.send({ type: 'reports', reports: [{ name: instance, report, isGone: true }] });
  }

  /** What an agent may not do, whatever it was told. */
  #watched(runtime: Runtime): Runtime {
    return {
      ...runtime,
      create: (request) => {
        if (!this.memory.knows(request.instance)) this.#world.broke(`${request.instance} was made on ${this.name} before that was remembered`);
        this.#elsewhere.delete(request.instance); // a restored master may give a name again
        return runtime.create(request);
      },
      start: (instance) => {
        const first = this.#mustStopBefore(instance);
        if (first !== undefined) this.#world.broke(`${instance} was started on ${this.name} before ${first} was stopped, which does not belong there any more`);
        return runtime.start(instance);
      },
      stop: (instance) => runtime.stop(instance).catch((error: unknown) => {
        this.#elsewhere.delete(instance); // what cannot be stopped must not hold up all else
        throw error;
      }),
    };
  }

  /** What must not run any more when an instance is started: another round of its slot; and after an absence, all that belongs elsewhere. */
  #mustStopBefore(instance: string): string | undefined {
    const wanted = this.memory.kept?.containers.instances ?? [];
    if (this.memory.isBehind) return undefined;
    const isSound = this.runtime.faults.fails === undefined; // else it may not know yet what runs
    const running = this.runtime.containers.filter(({ state }) => state === 'running').map((container) => container.instance);
    return running.find((other) => {
      if (other === instance || wanted.some(({ name, wanted: as }) => name === other && as === 'running')) return false;
      return slotOf(other) === slotOf(instance) || (isSound && this.#elsewhere.has(other));
    });
  }

  /** The first that is obeyed after an absence says what belongs elsewhere by now. */
  #obeyed({ epoch, revision, containers }: Assignments): void {
    if (this.#news === undefined || this.#news.epoch !== epoch || this.#news.revision !== revision) return;
    this.#news = undefined;
    const wanted = new Set(containers.instances.filter((one) => one.wanted === 'running').map(({ name }) => name));
    const running = this.runtime.containers.filter(({ state }) => state === 'running').map(({ instance }) => instance);
    this.#elsewhere = new Set(running.filter((name) => !wanted.has(name)));
  }

  #dial(): FakeWire<FromNode, FromMaster>['left'] {
    const wire = new FakeWire<FromNode, FromMaster>({ clock: this.#world.clock, delayMs: () => this.#world.wireMs() });
    this.#wire = wire;
    this.#isBack = true;
    wire.left.pause = this.pause;
    wire.left.onArrival = (message) => this.#heard(message);
    if (this.isPartitioned) wire.cut();
    else this.#world.connect(this, wire);
    return wire.left;
  }

  #heard(message: FromMaster): void {
    if (message.type !== 'assignments') return;
    if (this.#isBack && !this.#old.includes(message)) {
      this.#isBack = false;
      this.#news = message.assignments;
    }
    this.#old.push(message);
    if (this.#old.length > OLD) this.#old.shift();
    const wrong = toldTooMuch(message.assignments, this.grid);
    if (wrong !== undefined) this.#world.broke(`${this.name} was told ${wrong}`);
  }
}

/** What a node is told and has no need of, in words: a value that none of its services opens, or that is of another grid. */
function toldTooMuch({ grid, containers }: Assignments, own: string): string | undefined {
  if (grid !== own) return `of grid ${grid}`;
  const assigned = new Set(containers.instances.map(({ service }) => service));
  const opened = new Set(Object.entries(containers.services).filter(([name]) => assigned.has(name)).flatMap(([, spec]) => vaultUses(spec).map((use) => versionName(use, use.version ?? 0))));
  for (const [name, value] of Object.entries(containers.secrets)) {
    if (!opened.has(name)) return `${name}, which nothing assigned to it opens`;
    if (!value.startsWith(`${own} `)) return `"${value}", which is of another grid`;
  }
  return undefined;
}
