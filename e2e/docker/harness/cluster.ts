import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Bed } from './bed.js';
import type { Engine } from './engine.js';
import { environment, KONTENACTL, kontenactl } from './kontenactl.js';
import { killAllWith } from './processes.js';
import { eventually, start, type Ended, type RunOptions } from './shell.js';

const PORT = 9292;

/** One item of `get instances -o json`. */
export interface Instance {
  /** `todo/web.2@57`. */
  readonly name: string;
  readonly spec: { readonly service: string; readonly slot: number; readonly revision: number; readonly node: string };
  readonly status: { readonly phase: string; readonly health?: string; readonly container?: string; readonly restarts: number; readonly address?: string; readonly reason?: string };
}

interface NodeItem {
  readonly name: string;
  readonly status: { readonly phase: string };
}

/** A stack file as data: JSON is YAML. */
export interface StackFile {
  readonly stack: string;
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

/** How a master is started otherwise than usual. */
export interface MasterWay {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** And its agents. */
  readonly agentArgs?: (engine: Engine) => readonly string[];
}

/** A master on the host and an agent in each node's namespace, all of them real processes started by kontenactl. */
export class Cluster {
  /** Whoever types the commands is at home here. */
  readonly home: string;

  private constructor(readonly bed: Bed, readonly way: MasterWay) {
    this.home = join(bed.directory, 'home');
  }

  /** Starts a master, joins every node of the bed, and waits until all are online. */
  static async start(bed: Bed, way: MasterWay = {}): Promise<Cluster> {
    const cluster = new Cluster(bed, way);
    mkdirSync(cluster.home);
    await cluster.startMaster();
    const token = await cluster.createToken();
    await Promise.all(bed.engines.map((engine) => cluster.startAgent(engine, token)));
    await cluster.untilOnline(bed.engines.length);
    return cluster;
  }

  /** Where the master keeps what it knows. */
  get masterData(): string {
    return join(this.bed.directory, 'master');
  }

  get masterAddress(): string {
    return `${this.bed.hostAddress}:${PORT}`;
  }

  async startMaster(): Promise<void> {
    const args = [KONTENACTL, 'master', 'start', '--data', this.masterData, '--listen', this.masterAddress, ...(this.way.args ?? [])];
    start(process.execPath, args, join(this.bed.directory, 'master.log'), { env: { ...environment(this.home), ...this.way.env } });
    const credential = join(this.masterData, 'admin.json');
    await eventually('the master writes its credential', () => {
      if (existsSync(credential)) return true;
      throw new Error(this.#lastWords());
    });
    writeFileSync(join(this.home, 'config.yaml'), JSON.stringify({ current: 'test', contexts: [{ name: 'test', credential }] }));
    await eventually('the master answers', async () => ((await this.ctl(['get', 'nodes'])).code === 0 ? true : undefined));
  }

  killMaster(): Promise<void> {
    return killAllWith(this.masterData);
  }

  /** Joins with a token the first time; knows the way after that. */
  async startAgent(engine: Engine, token?: string): Promise<void> {
    const args = ['agent', 'start', '--data', this.agentData(engine), '--master', this.masterAddress, '--name', engine.name, '--docker', engine.socket, ...(this.way.agentArgs?.(engine) ?? [])];
    start('nsenter', [`--net=/run/netns/${engine.settings.namespace}`, process.execPath, KONTENACTL, ...args, ...(token === undefined ? [] : ['--token', token])],
      join(this.bed.directory, `agent-${engine.name}.log`), { env: environment(this.home) });
  }

  killAgent(engine: Engine): Promise<void> {
    return killAllWith(this.agentData(engine));
  }

  async createToken(): Promise<string> {
    const { token } = JSON.parse(await this.must(['token', 'create', '--uses', '20', '-o', 'json'])) as { token: string };
    return token;
  }

  untilOnline(count: number, timeoutMs = 30_000): Promise<true> {
    return eventually(`${count} nodes are online`, async () => ((await this.nodes()).filter(({ status }) => status.phase === 'online').length >= count ? true : undefined), timeoutMs);
  }

  ctl(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return kontenactl(this.home, args, options);
  }

  /** @throws Error with what it said when it does not end with 0 */
  async must(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.ctl(args, options);
    if (code !== 0) throw new Error(`kontenactl ${args.join(' ')} ended with ${code}:\n${stderr}${stdout}\n${this.#lastWords()}`);
    return stdout;
  }

  /** Applies a stack and waits until it runs; what was printed. */
  apply(stack: StackFile, ...flags: readonly string[]): Promise<string> {
    return this.must(['apply', '-f', '-', ...flags], { input: JSON.stringify(stack) });
  }

  /** Applies what may be refused or fail. */
  tryApply(stack: StackFile | string, ...flags: readonly string[]): Promise<Ended> {
    return this.ctl(['apply', '-f', '-', ...flags], { input: typeof stack === 'string' ? stack : JSON.stringify(stack) });
  }

  async nodes(): Promise<readonly NodeItem[]> {
    return items(await this.must(['get', 'nodes', '-o', 'json'])) as readonly NodeItem[];
  }

  /** Instances of `todo/web`, in order of slots. */
  async instances(service: string): Promise<readonly Instance[]> {
    const all = items(await this.must(['get', 'instances', '-o', 'json'])) as readonly Instance[];
    return all.filter(({ name }) => name.startsWith(`${service}.`)).sort((a, b) => a.spec.slot - b.spec.slot);
  }

  /** Waits until exactly so many instances of a service are there and all of them run. */
  untilRunning(service: string, count: number, timeoutMs = 30_000): Promise<readonly Instance[]> {
    return eventually(`${count} instances of ${service} run`, async () => {
      const found = await this.instances(service);
      if (found.length === count && found.every(({ status }) => status.phase === 'running')) return found;
      throw new Error(found.map(({ name, spec, status }) => `${name} ${status.phase} on ${spec.node}`).join(', '));
    }, timeoutMs);
  }

  /** The revision of the history: it grows with every entry. */
  async revision(): Promise<number> {
    const version = JSON.parse(await this.must(['version', '-o', 'json'])) as { master: { revision: number } };
    return version.master.revision;
  }

  async stop(): Promise<void> {
    await Promise.all([this.killMaster(), ...this.bed.engines.map((engine) => this.killAgent(engine))]);
  }

  /** How often the one balancer on a machine has loaded a configuration, as HAProxy says itself. */
  async balancerReloads(engine: Engine): Promise<number> {
    const folder = join(this.agentData(engine), 'balancers');
    const socket = connect(join(folder, readdirSync(folder)[0] ?? '', 'master.sock'));
    socket.end('show proc\n');
    let said = '';
    for await (const piece of socket) said += String(piece);
    return Number(/^\d+\s+master\s+(\d+)/m.exec(said)?.[1]);
  }

  /** Where the agent of a node keeps what it knows. */
  agentData(engine: Engine): string {
    return join(this.bed.directory, `agent-${engine.name}`);
  }

  #lastWords(): string {
    const log = join(this.bed.directory, 'master.log');
    return existsSync(log) ? `the master's last words:\n${readFileSync(log, 'utf8').slice(-1_000)}` : '';
  }
}

const items = (json: string): readonly unknown[] => (JSON.parse(json) as { items: readonly unknown[] }).items;
