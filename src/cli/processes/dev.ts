import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { KontenaError, type NetworkProblem } from '../../model/index.js';
import type { Control, Resource } from '../../ports/index.js';
import { collect } from '../collect.js';
import { addContext, readCredential, readContexts, removeContext, type Context, type Credential } from '../context/index.js';
import type { Connection, Host } from '../host.js';
import { endedError, findRunning, programsIn, sleep, startBackground, stopBackground, type Background } from './background.js';
import { type DevNode, devState, type DevState, type DevWish, removedError, wantedNodes, writeState } from './dev-state.js';
import { clusterLabel, localEngine, removeContainers, requireEngine } from './engine.js';
import { resetNode } from './reset.js';

export const DEV_CONTEXT = 'dev';
const GRID = 'default';
const ADDRESS = '127.0.0.1';
const USUAL_PORT = 9292;
const LOOK_EVERY_MS = 100;
/** A master that opens a large history, or an agent whose engine is busy, may take a while. */
const READY_LIMIT_MS = 60_000;
const ANSWER_LIMIT_MS = 2_000;
const TOKEN_SECONDS = 600;

/** What a purge came to. */
export interface Purged {
  /** Containers. */
  readonly removed: number;
  readonly left: readonly LeftBehind[];
  /** What is there still of the networks of nodes, and why. */
  readonly networks: readonly (NetworkProblem & { readonly node: string })[];
}

/** An engine whose containers could not be removed. */
interface LeftBehind {
  readonly socket: string;
  readonly reason: string;
  /** Of those containers. */
  readonly label: string;
}

/** One process of a development cluster, and how it fares. */
export interface DevProcess {
  readonly name: string;
  readonly role: 'master' | 'agent';
  readonly pid: number | undefined;
  readonly docker?: string;
  /** Of a node, as the master says. */
  readonly phase?: string;
  readonly log: string;
}

/** Where a development cluster lives when `--data` does not say. */
export function devFolder(host: Host, data: string | undefined): string {
  if (data !== undefined) return resolve(host.directory, data);
  const { XDG_DATA_HOME } = host.env;
  return join(XDG_DATA_HOME === undefined || XDG_DATA_HOME === '' ? join(host.home, '.local', 'share') : XDG_DATA_HOME, 'kontena', 'dev');
}

/** A master and agents on this machine: starts what is missing, adopts what lives. */
export class DevCluster {
  readonly #host: Host;
  readonly folder: string;
  #state: DevState | undefined;

  constructor(host: Host, folder: string) {
    this.#host = host;
    this.folder = folder;
  }

  get #master(): Omit<Background, 'args'> {
    return this.#place('master', 'master.mjs');
  }

  #place(name: string, program: string): Omit<Background, 'args'> {
    const { folder } = this;
    return { name, program: join(this.#host.programs, program), data: join(folder, name), log: join(folder, `${name}.log`), pidFile: join(folder, `${name}.pid`) };
  }

  /** What was started here before; undefined when nothing was. */
  async #known(): Promise<DevState | undefined> {
    return (this.#state ??= await devState(this.folder));
  }

  async #keep(state: DevState): Promise<void> {
    this.#state = state;
    await writeState(this.folder, state);
  }

  /** Brings everything up and returns when every node is online. `tell` hears what is being done. */
  async up(wish: DevWish, tell: (line: string) => void): Promise<void> {
    await this.#requireData();
    const before = await this.#known();
    const nodes = wantedNodes(before?.nodes ?? [], wish, localEngine(this.#host.env));
    await Promise.all([...new Set(nodes.map(({ docker }) => docker))].map(requireEngine));
    await mkdir(this.folder, { recursive: true, mode: 0o700 });

    const pid = await findRunning(this.#master);
    const port = pid === undefined ? await freePort(before?.port ?? USUAL_PORT) : (before?.port ?? USUAL_PORT);
    await this.#keep({ ...before, port, nodes });
    if (pid === undefined) {
      await startBackground({ ...this.#master, args: ['--data', this.#master.data, '--listen', `${ADDRESS}:${String(port)}`] });
      tell(`master is starting on ${ADDRESS}:${String(port)}`);
    }
    const connection = await this.#connectWhenReady(port);
    try {
      const { cluster } = await connection.master.info();
      await this.#keep({ port, nodes, cluster });
      for (const node of nodes) await this.#ensureAgent(node, port, connection, tell);
      await this.#untilOnline(nodes, connection);
    } finally {
      connection.close();
    }
    await addContext(this.#host, this.#context);
  }

  /** What lives on without its data cannot be adopted: it knows keys and a history that nobody else has any more. @throws KontenaError KON_DATA_REMOVED */
  async #requireData(): Promise<void> {
    const orphans = (await programsIn(this.folder)).filter(({ data }) => !existsSync(data));
    if (orphans.length > 0) throw removedError(this.folder, orphans);
  }

  get #context(): Context {
    return { name: DEV_CONTEXT, credential: join(this.#master.data, 'admin.json') };
  }

  async #connectWhenReady(port: number): Promise<Connection> {
    const deadline = performance.now() + READY_LIMIT_MS;
    for (;;) {
      try {
        const { credential } = await readCredential(this.#context);
        return await this.#open(credential, port);
      } catch (error) {
        if ((await findRunning(this.#master)) === undefined) throw endedError('the master', this.#master.log);
        if (performance.now() > deadline) throw error;
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** A connection that has been answered once. */
  async #open(credential: Credential, port: number): Promise<Connection> {
    const connection = await this.#host.connect({ ...credential, server: `${ADDRESS}:${String(port)}` }, { timeoutMs: ANSWER_LIMIT_MS });
    try {
      await connection.master.info();
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #ensureAgent({ name, docker }: DevNode, port: number, control: Control, tell: (line: string) => void): Promise<void> {
    const place = this.#place(name, 'agent.mjs');
    if ((await findRunning(place)) !== undefined) return;
    const hasJoined = (await readdir(join(place.data, 'pki')).catch(() => [])).length > 0;
    const token = hasJoined ? undefined : (await control.tokens.create(GRID, { ttlSeconds: TOKEN_SECONDS, labels: [], node: name })).token;
    const args = ['--data', place.data, '--master', `${ADDRESS}:${String(port)}`, '--name', name, '--docker', docker];
    await startBackground({ ...place, args, env: token === undefined ? {} : { KONTENA_TOKEN: token } });
    tell(`node ${name} is starting on ${docker}`);
  }

  async #untilOnline(nodes: readonly DevNode[], control: Control): Promise<void> {
    const deadline = performance.now() + READY_LIMIT_MS;
    for (;;) {
      const known = await collect(control.resources.list({ grid: GRID, kind: 'node' }));
      const waiting = nodes.filter(({ name }) => phaseOf(known, name) !== 'online');
      if (waiting.length === 0) return;
      for (const { name } of waiting) {
        const place = this.#place(name, 'agent.mjs');
        if ((await findRunning(place)) === undefined) throw endedError(`the agent of node ${name}`, place.log);
      }
      if (performance.now() > deadline) {
        const [first] = waiting;
        throw new KontenaError('KON_TIMEOUT', `${waiting.map(({ name }) => `node ${name} is ${phaseOf(known, name)}`).join(', ')}; its log: ${this.#place(first?.name ?? '', '').log}`);
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Every process there should be, with what the master says of the nodes while it answers. */
  async status(): Promise<{ readonly server: string | undefined; readonly processes: readonly DevProcess[] }> {
    const state = await this.#known();
    if (state === undefined) return { server: undefined, processes: [] };
    const pid = await findRunning(this.#master);
    const known = pid === undefined ? [] : await this.#nodes(state.port);
    const agents = await Promise.all(state.nodes.map(async ({ name, docker }): Promise<DevProcess> => {
      const place = this.#place(name, 'agent.mjs');
      return { name, role: 'agent', pid: await findRunning(place), docker, phase: phaseOf(known, name), log: place.log };
    }));
    return { server: `${ADDRESS}:${String(state.port)}`, processes: [{ name: 'master', role: 'master', pid, log: this.#master.log }, ...agents] };
  }

  async #nodes(port: number): Promise<readonly Resource[]> {
    try {
      const { credential } = await readCredential(this.#context);
      const connection = await this.#open(credential, port);
      try {
        return await collect(connection.resources.list({ grid: GRID, kind: 'node' }));
      } finally {
        connection.close();
      }
    } catch (error) {
      if (error instanceof KontenaError) return [];
      throw error;
    }
  }

  /** Ends the processes; containers and data stay. Returns the names of those that ran. */
  async down(): Promise<readonly string[]> {
    const state = await this.#known();
    const places = [...(state?.nodes ?? []).map(({ name }) => this.#place(name, 'agent.mjs')), this.#master];
    const stopped: string[] = [];
    for (const place of places) if (await stopBackground(place)) stopped.push(place.name);
    return stopped;
  }

  /** Removes the containers, the networks and the data of a cluster that is down. An engine that does not let us keeps its containers: it may be gone for good. */
  async purge(): Promise<Purged> {
    const state = await this.#known();
    if (state === undefined) return { removed: 0, left: [], networks: [] };
    const resets = await this.#resetNodes(state);
    const swept = await removeEverywhere(state); // what nodes left whose own data is damaged
    const isAway = (docker: string): boolean => swept.left.some(({ socket }) => socket === docker);
    const purged = {
      removed: resets.reduce((sum, { containers }) => sum + containers, swept.removed),
      left: swept.left,
      networks: resets.flatMap(({ node, left }) => left.filter(({ what }) => what === 'network' || (what === 'engine network' && !isAway(node.docker))).map((problem) => ({ ...problem, node: node.name }))),
    };
    for (const name of ['master', ...state.nodes.map((node) => node.name)]) {
      const { data, log, pidFile } = this.#place(name, '');
      for (const path of [data, log, pidFile]) await rm(path, { recursive: true, force: true });
    }
    await rm(join(this.folder, 'dev.json'), { force: true });
    const { contexts } = await readContexts(this.#host);
    if (contexts.some(({ name, credential }) => name === DEV_CONTEXT && credential === this.#context.credential)) await removeContext(this.#host, DEV_CONTEXT);
    return purged;
  }

  /** One after the other: their engine may be the same. */
  async #resetNodes({ nodes }: DevState): Promise<readonly { readonly node: DevNode; readonly containers: number; readonly left: readonly NetworkProblem[] }[]> {
    const resets = [];
    for (const node of nodes) {
      const { data } = this.#place(node.name, '');
      if (!existsSync(join(data, 'pki'))) continue; // it never joined
      try {
        const { containers, left } = await resetNode(this.#host.programs, { data, docker: node.docker });
        resets.push({ node, containers: containers.length, left });
      } catch (error) {
        if (!(error instanceof KontenaError)) throw error;
        resets.push({ node, containers: 0, left: [{ what: 'network', reason: error.message, remedy: error.remedy }] });
      }
    }
    return resets;
  }
}

async function removeEverywhere({ cluster, nodes }: DevState): Promise<Omit<Purged, 'networks'>> {
  if (cluster === undefined) return { removed: 0, left: [] };
  let removed = 0;
  const left: LeftBehind[] = [];
  for (const socket of new Set(nodes.map(({ docker }) => docker))) {
    try {
      removed += await removeContainers(socket, cluster);
    } catch (error) {
      if (!(error instanceof KontenaError)) throw error;
      left.push({ socket, reason: error.message, label: clusterLabel(cluster) });
    }
  }
  return { removed, left };
}

const phaseOf = (nodes: readonly Resource[], name: string): string => {
  const phase = nodes.find((node) => node.name === name)?.status.phase;
  return typeof phase === 'string' ? phase : 'unknown';
};

/** The wanted port, or any free one when something else has it. */
async function freePort(wanted: number): Promise<number> {
  return (await tryPort(wanted)) ?? (await tryPort(0)) ?? wanted;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((settle) => {
    const probe = createServer();
    probe.on('error', () => settle(undefined));
    probe.listen(port, ADDRESS, () => {
      const address = probe.address();
      probe.close(() => settle(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}
