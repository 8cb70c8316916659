import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { CONTROLLERS } from '../../controllers/index.js';
import { createApi } from '../api/index.js';
import { type FromMaster, type FromNode, MasterSessions } from '../link/session/index.js';
import { DEFAULT_BALANCER_IMAGE, type ErrorCode, type Instant, KontenaError, later, messageOf, type Millis, put, type Revision, type ServiceSpec, type StackSpec } from '../model/index.js';
import type { AuditLog, Control, Log, Store, View } from '../ports/index.js';
import { run, type Running } from '../reconcile/index.js';
import { keepCompact, openStore, raiseEpoch } from '../store/index.js';
import { eventsOf } from './events-of.js';
import { noOwnLog } from './fake-log-rings.js';
import { FakeAuthority } from './fake-authority.js';
import { FakeClock, settled } from './fake-clock.js';
import { FakeMachine } from './fake-machine.js';
import { FakeStatistics } from './fake-statistics.js';
import { FakePause } from './fake-pause.js';
import type { FakeRandom } from './fake-random.js';
import type { FakeWire } from './fake-wire.js';
import { MortalStore } from './mortal-store.js';
import { SimNode } from './sim-node.js';
import { testAudit } from './test-audit.js';
import { noProviders } from './no-providers.js';
import { testVault } from './test-vault.js';

const FIRST_GRID = 'default';
/** What a person is told who asks for what cannot be just now. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['KON_CONFLICT', 'KON_NOT_FOUND', 'KON_NODE_NAME_TAKEN']);
const ADMIN = { name: 'admin' } as const;

/** How long a message of the simulated wire takes. */
const WIRE_MS: Millis = 5;
/** A window so short that simulated masters compact. */
const KEEP_MS: Millis = 30_000;
/** How long a dead process is away before its service manager starts it again. */
const RESTART_MS: Millis = 2_000;

/** A master of the simulation: real store, api, controllers and sessions; it can die between any two commits. */
class SimMaster {
  readonly store: MortalStore;
  readonly api: ReturnType<typeof createApi>;
  readonly sessions: MasterSessions;
  readonly pause = new FakePause();
  readonly #inner: Store;
  readonly #audit: AuditLog;
  readonly #loops: readonly Running[];
  readonly #stopCompacting: () => void;

  constructor(file: string, cluster: SimCluster) {
    const { machine, random, log } = cluster;
    const clock = this.pause.clock(machine.startClock());
    this.#inner = openStore(file, { clock, random, onFatal: (error) => cluster.errors.push(error) });
    this.store = new MortalStore(this.#inner, () => cluster.masterDied());
    this.#audit = testAudit(clock);
    const vault = testVault(this.store);
    const statistics = new FakeStatistics(clock);
    this.sessions = new MasterSessions({ store: this.store, vault, clock, log, balancerImage: DEFAULT_BALANCER_IMAGE, statistics });
    this.api = createApi({ store: this.store, vault, audit: this.#audit, clock, random, nodes: this.sessions, ownLog: noOwnLog, events: eventsOf([]), statistics, authority: new FakeAuthority(clock), providers: noProviders, pack: () => noBackup(), version: 'simulated' });
    const onError = (subject: string, error: unknown): void => void cluster.errors.push(`${subject}: ${messageOf(error)}`);
    this.#loops = CONTROLLERS.map((controller) => run(controller, { store: this.store, clock, random, onError }));
    this.#stopCompacting = keepCompact({ store: this.store, clock, log, keepMs: KEEP_MS });
    this.sessions.start();
  }

  /** The process is gone: what it held is let go, and nothing of it acts again. */
  async bury(): Promise<void> {
    this.sessions.close();
    this.#stopCompacting();
    for (const loop of this.#loops) void loop.stop();
    this.#audit.close();
    await this.#inner.close();
  }
}

/** How a master ends: its process alone; with its machine's power, which loses what no disk was waited for; or for good, to be restored. */
type End = 'killed' | 'power cut' | 'restored';

/** Part of a cluster that knows nothing of the others. */
export interface SimGrid {
  readonly name: string;
  readonly nodes: readonly SimNode[];
  /** Undefined while there is no master. */
  readonly view: View | undefined;
}

/** What a simulated cluster is made of. */
export interface SimClusterOptions {
  /** Of the store; files beside it are its own too. */
  readonly file: string;
  readonly random: FakeRandom;
  /** Whether commits to the store wait for the disk. */
  readonly waitsForDisk: (file: string) => boolean;
}

/** A whole cluster in one process: real store, api, controllers, sessions and agents; fake time, engines and wires. */
export class SimCluster {
  readonly clock = new FakeClock(1_700_000_000_000);
  /** The master's. */
  readonly machine = new FakeMachine(this.clock);
  readonly random: FakeRandom;
  readonly errors: unknown[] = [];
  readonly nodes = new Map<string, SimNode>();
  /** Added to what each message takes: late messages. */
  lateMs: Millis = 0;
  #master: SimMaster | undefined;
  #end: End = 'killed';
  /** Of the newest thing that was acknowledged, and not given up by a restore. */
  #acknowledged: Revision = 0;
  readonly #options: SimClusterOptions;
  readonly #file: string;
  readonly #began = this.clock.now();
  readonly #notes: { readonly atMs: Millis; readonly what: () => string }[] = [];

  constructor(options: SimClusterOptions) {
    this.#options = options;
    this.#file = options.file;
    this.random = options.random;
    this.#removeFiles();
  }

  /** What programs of the cluster log is part of the story. */
  readonly log: Log = {
    info: (message, facts) => this.#note(() => `  ${message} ${JSON.stringify(facts ?? {})}`),
    warn: (message, facts) => this.#note(() => `  ${message} ${JSON.stringify(facts ?? {})}`),
    error: (message, facts) => this.#note(() => `  ${message} ${JSON.stringify(facts ?? {})}`),
  };

  tell(what: string): void {
    this.#note(() => what);
  }

  /** What happened, for whoever has to find out why. */
  get story(): readonly string[] {
    return this.#notes.map(({ atMs, what }) => `${(atMs / 1000).toFixed(3).padStart(9)} s  ${what()}`);
  }

  /** Few stories are ever read: each line is written when one is. */
  #note(what: () => string): void {
    this.#notes.push({ atMs: this.clock.now() - this.#began, what });
  }

  broke(why: string): void {
    this.errors.push(new Error(why));
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

  grid(name: string): SimGrid {
    return { name, nodes: [...this.nodes.values()].filter(({ grid }) => grid === name), view: this.store?.view(name) };
  }

  /** @param grids names of nodes by grid; no two nodes of all have one name */
  async start(grids: Readonly<Record<string, readonly string[]>>): Promise<void> {
    const { api, store } = this.#startMaster();
    await api.prepare();
    for (const [grid, names] of Object.entries(grids)) {
      if (grid !== FIRST_GRID) await api.control(ADMIN).grids.create({ name: grid });
      for (const [index, name] of names.entries()) {
        const node = new SimNode(grid, name, this);
        await store.update({ writer: 'api', grid }, () => ({
          steps: [put('Node', name, { number: index + 1, labels: [], availability: 'active', keyFingerprint: node.key }, 'it joined')],
        }));
        this.nodes.set(name, node);
        node.startAgent();
      }
    }
  }

  connect({ grid, name, key }: SimNode, wire: FakeWire<FromNode, FromMaster>): void {
    if (this.#master === undefined) {
      wire.break();
      return;
    }
    const { sessions, pause } = this.#master;
    wire.right.pause = pause;
    pause.run(() => sessions.accept({ grid, name, keyFingerprint: key, machine: key }, wire.right));
  }

  /** Whether the machine is, as the master knows it, the node. */
  isMember({ grid, name, key }: SimNode): boolean {
    return this.store?.view(grid).get('Node', name)?.body.keyFingerprint === key;
  }

  /** A machine joins under its name, in the place of whatever bore it, and is said to be the right one. */
  async join(node: SimNode): Promise<void> {
    const { grid, name } = node;
    const keyFingerprint = node.renewKey();
    await this.ask(async (control, { api }) => {
      const { token } = await control.tokens.create(grid, { ttlSeconds: 3600, labels: [], node: name });
      await api.enrolment.join({ token, name, labels: [], keyFingerprint });
      await control.nodes.update(grid, name, { isConfirmed: true });
    });
  }

  /** The master ends after so many more commits, and is started again a little later. */
  killMasterAfter(commits: number): void {
    this.#master?.store.dieAfter(commits);
  }

  endMaster(how: End): void {
    if (this.#master === undefined) return;
    this.#end = how;
    this.#master.store.die();
  }

  pauseMaster(): void {
    this.#master?.pause.stand();
  }

  masterGoesOn(): void {
    this.#master?.pause.goOn();
  }

  /** Keeps a copy of the master's state, for {@link endMaster} with `restored`. */
  async backUp(): Promise<boolean> {
    if (this.#master === undefined || this.#master.pause.isStanding) return false;
    rmSync(this.#backup, { force: true });
    await this.#master.store.copyTo(this.#backup);
    return true;
  }

  masterDied(): void {
    const master = this.#master;
    if (master === undefined) return;
    const end = this.#end;
    this.#end = 'killed';
    this.tell(`the master ends: ${end}`);
    this.#master = undefined;
    const synced = end === 'power cut' ? this.#keepSynced() : undefined;
    void master.bury().then(() => {
      synced?.();
      if (end === 'restored') this.#restore();
      for (const node of this.nodes.values()) node.masterGone();
      this.clock.at(later(this.clock.now(), RESTART_MS), () => {
        this.tell('the master starts again');
        this.#startMaster();
      });
    });
  }

  /** The master drops all that it may drop of its history, from now on. */
  compact(): void {
    this.#master?.store.compact(Infinity as Instant).catch((error: unknown) => this.errors.push(error));
  }

  /** Asks something of the master as a person would. Resolves to whether it was acknowledged. */
  async ask(what: (control: Control, master: Pick<SimMaster, 'api'>) => Promise<unknown>): Promise<boolean> {
    const master = this.#master;
    if (master === undefined || master.pause.isStanding) return false;
    let isAcknowledged = false;
    what(master.api.control(ADMIN), master).then(
      () => {
        isAcknowledged = true;
        this.#acknowledged = master.store.revision;
      },
      (error: unknown) => {
        if (error instanceof KontenaError && REFUSALS.has(error.code)) this.tell(`refused: ${error.message}`);
        else this.errors.push(error);
      },
    );
    await settled();
    return isAcknowledged;
  }

  /** Runs `check` whenever something may have happened, until it says `true`, it has seen enough, or `byMs` have passed. */
  async pass(byMs: Millis, check: () => unknown = () => undefined): Promise<void> {
    const end = later(this.clock.now(), byMs);
    for (;;) {
      const next = this.clock.nextAlarm;
      const isLast = next === undefined || next > end;
      await this.clock.run(Math.max(0, (isLast ? end : next) - this.clock.now()));
      if (check() === true || isLast) return;
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
    const { revision } = this.#master.store;
    if (revision < this.#acknowledged) this.broke(`revision ${String(this.#acknowledged)} was acknowledged, and the master starts with ${String(revision)}`);
    return this.#master;
  }

  get #backup(): string {
    return `${this.#file}.backup`;
  }

  #restore(): void {
    this.#removeStore();
    copyFileSync(this.#backup, this.#file);
    raiseEpoch(this.#file, this.clock);
    this.#acknowledged = 0;
  }

  /**
   * Looks what the disk holds for certain: what lies in the log of writes is there only if each commit waited for it.
   * @returns puts it in the place of all else
   */
  #keepSynced(): () => void {
    const parts = this.#options.waitsForDisk(this.#file) ? ['', '-wal'] : [''];
    const kept = parts.filter((part) => existsSync(`${this.#file}${part}`));
    for (const part of kept) copyFileSync(`${this.#file}${part}`, `${this.#file}.synced${part}`);
    return () => {
      this.#removeStore();
      for (const part of kept) copyFileSync(`${this.#file}.synced${part}`, `${this.#file}${part}`);
    };
  }

  #removeStore(): void {
    for (const part of ['', '-wal', '-shm']) rmSync(`${this.#file}${part}`, { force: true });
  }

  #removeFiles(): void {
    this.#removeStore();
    for (const part of ['.lock', '-journal', '.lock-journal', '.backup', '.synced', '.synced-wal']) rmSync(`${this.#file}${part}`, { force: true });
  }
}

/** A stack of services, each with an image that names its version. */
export const simStack = (name: string, services: Readonly<Record<string, ServiceSpec>>): StackSpec =>
  ({ name, services, volumes: {}, labels: [], metadata: {}, variables: {} });

async function* noBackup(): AsyncIterable<Uint8Array> {
  await Promise.resolve();
  yield* [];
}
