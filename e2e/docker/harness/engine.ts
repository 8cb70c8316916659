import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killAllWith, signal } from './processes.js';
import { eventually, must, run, start, type Ended, type RunOptions } from './shell.js';

export interface EngineSettings {
  readonly bed: string;
  readonly directory: string;
  readonly namespace: string;
  /** From 1; tells the engines' container networks apart. */
  readonly number: number;
  /** Of the node on the bridge. */
  readonly address: string;
  /** `host:port` of a registry without TLS. */
  readonly registry: string;
  /** Names and authorities that this engine alone knows, in place of the machine's. */
  readonly hasOwnFiles?: boolean;
}

/** One Docker Engine, with a network namespace, a folder and a socket of its own. */
export class Engine {
  #running: { readonly pid: number; readonly ended: Promise<number> } | undefined;

  private constructor(readonly settings: EngineSettings) {}

  static async start(settings: EngineSettings): Promise<Engine> {
    mkdirSync(settings.directory, { recursive: true });
    const engine = new Engine(settings);
    await engine.up();
    return engine;
  }

  /** `n1`. */
  get name(): string {
    return `n${this.settings.number}`;
  }

  get address(): string {
    return this.settings.address;
  }

  /** `unix:///…`. */
  get socket(): string {
    return `unix://${join(this.settings.directory, 'docker.sock')}`;
  }

  /** What this engine takes for /etc/hosts and /etc/docker/certs.d; undefined where it has the machine's. */
  get files(): { readonly hosts: string; readonly certificates: string } | undefined {
    const { directory, hasOwnFiles = false } = this.settings;
    return hasOwnFiles ? { hosts: join(directory, 'hosts'), certificates: join(directory, 'certs.d') } : undefined;
  }

  /** Of the engine's process, which runs in the node's network. @throws Error while it is stopped */
  get pid(): number {
    if (this.#running === undefined) throw new Error(`the engine of ${this.name} does not run`);
    return this.#running.pid;
  }

  /** Starts the engine and waits until it answers. */
  async up(): Promise<void> {
    const { bed, directory, namespace, number, registry } = this.settings;
    const log = join(directory, 'dockerd.log');
    // Not `ip netns exec`: it hides the cgroup mounts. Names of its own where the machine runs a containerd already.
    const running = start('nsenter', [
      `--net=/run/netns/${namespace}`, ...this.#dockerd(),
      '--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec'), '-H', this.socket, '-p', join(directory, 'dockerd.pid'),
      '--bip', `172.31.${number}.1/24`, '--insecure-registry', registry, '--cgroup-parent', `/${bed}`, '--shutdown-timeout', '5',
      '--containerd-namespace', namespace, '--containerd-plugins-namespace', `${namespace}-plugins`,
    ], log, { env: withoutProxies() });
    this.#running = running;
    let hasEnded = false;
    void running.ended.then(() => (hasEnded = true));
    await eventually(`the engine of ${namespace} answers`, async () => {
      if ((await run('docker', ['-H', this.socket, 'version'], { timeoutMs: 5_000 })).code === 0) return true;
      if (hasEnded) throw new Error(readFileSync(log, 'utf8').slice(-2_000));
      return undefined;
    });
  }

  /** The program, over whose files others are laid where it has its own. */
  #dockerd(): readonly string[] {
    const { files } = this;
    if (files === undefined) return ['dockerd'];
    mkdirSync(files.certificates, { recursive: true });
    writeFileSync(files.hosts, '127.0.0.1 localhost\n', { flag: 'a' });
    return ['unshare', '--mount', 'sh', '-c', `mkdir -p /etc/docker/certs.d && mount --bind '${files.hosts}' /etc/hosts && mount --bind '${files.certificates}' /etc/docker/certs.d && exec dockerd "$@"`, 'sh'];
  }

  /** Stops the engine as a service manager does; its containers end with it. */
  async stop(): Promise<void> {
    if (this.#running === undefined) return;
    const { pid, ended } = this.#running;
    this.#running = undefined;
    signal(pid, 'SIGTERM');
    const late = setTimeout(() => signal(pid, 'SIGKILL'), 20_000);
    await ended;
    clearTimeout(late);
    await killAllWith(join(this.settings.directory, 'exec'));
  }

  docker(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return must('docker', ['-H', this.socket, ...args], options);
  }

  /** Runs a program in the node's network. */
  inside(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return run('nsenter', [`--net=/run/netns/${this.settings.namespace}`, program, ...args], options);
  }

  /** Everything that was done to the engine since a moment (milliseconds since the epoch), other than looking and commands inside containers. */
  async writesSince(sinceMs: number): Promise<readonly string[]> {
    const seconds = (ms: number): string => (ms / 1000).toFixed(3);
    const events = await this.docker(['events', '--since', seconds(sinceMs), '--until', seconds(Date.now()), '--format', '{{.Type}} {{.Action}} {{.Actor.Attributes.name}}']);
    return lines(events).filter((line) => !line.includes(' exec_'));
  }

  /** Names of the running containers, in order. */
  async running(): Promise<readonly string[]> {
    return lines(await this.docker(['ps', '--format', '{{.Names}}'])).sort();
  }
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

/** The registry is on this machine: no proxy leads there. */
function withoutProxies(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(https?|all)_proxy$/i.test(name)));
}
