import type Docker from 'dockerode';
import type { ContainerInfo } from 'dockerode';
import { containerName, KontenaError, parseInstance, type RegistryLogin } from '../model/index.js';
import type { Answer, CommandResult, Container, CreateContainer, EngineInfo, LogEntry, Probe, Runtime } from '../ports/index.js';
import { runApart, runInside } from './commands.js';
import { toContainer } from './container.js';
import { prepareVolumes } from './container-volumes.js';
import { createOptions, hookOptions, references, type Resolved, resolveReferences } from './create-options.js';
import { logEntries } from './entries.js';
import { type Engine, orUndefined, READ_TIMEOUT_MS, WRITE_TIMEOUT_MS } from './engine.js';
import { type SystemInfo, toEngineInfo } from './engine-info.js';
import { INSTANCE_LABEL, isOwn, type Owner, ownerFilter } from './labels.js';
import { networkProber } from './prober.js';
import { pullImage } from './pull.js';
import { secretFiles, SECRETS_PATH } from './secrets.js';
import { DockerVolumes } from './volumes.js';
import { changedInstances, type EngineLogQuery, engineMoment, EVERYTHING, openLogs, untilAborted } from './streams.js';

/** Inspections at once when all containers are looked at. */
const LOOKS_AT_ONCE = 8;

/** What happens to a container that changes what we know of it. */
const EVENTS = ['start', 'die', 'destroy', 'oom', 'pause', 'unpause', 'health_status'];

/** Docker Engine behind the port. Containers are found by their name and believed by their labels; ids are kept, so that a rename changes nothing. */
export class DockerRuntime implements Runtime {
  readonly #engine: Engine;
  readonly #owner: Owner;
  readonly #volumes: DockerVolumes;
  readonly #ids = new Map<string, string>();

  constructor(engine: Engine, owner: Owner) {
    this.#engine = engine;
    this.#owner = owner;
    this.#volumes = new DockerVolumes(engine, owner);
  }

  async info(): Promise<EngineInfo> {
    return this.#read('cannot ask the container engine what it is', async (client) => {
      const [version, info] = await Promise.all([client.version(), client.info() as Promise<SystemInfo>]);
      return toEngineInfo(version, info);
    });
  }

  async list(): Promise<readonly Container[]> {
    const ids = (await this.#listOwn()).map(({ Id }) => Id);
    const found: Container[] = [];
    for (let i = 0; i < ids.length; i += LOOKS_AT_ONCE) {
      const looked = await Promise.all(ids.slice(i, i + LOOKS_AT_ONCE).map((id) => this.#look(id)));
      found.push(...looked.filter((container) => container !== undefined));
    }
    this.#ids.clear();
    for (const { instance, id } of found) this.#ids.set(instance, id);
    return found;
  }

  async inspect(instance: string): Promise<Container | undefined> {
    const known = this.#ids.get(instance);
    const container = (known === undefined ? undefined : await this.#look(known)) ?? (await this.#look(containerName(instance)));
    if (container?.instance !== instance) {
      this.#ids.delete(instance);
      return undefined;
    }
    this.#ids.set(instance, container.id);
    return container;
  }

  async hasImage(image: string): Promise<boolean> {
    const found = await this.#read(`cannot look for image ${image}`, (client) => orUndefined([404], client.getImage(image).inspect()));
    return found !== undefined;
  }

  pull(image: string, onProgress: (text: string) => void, signal: AbortSignal, login?: RegistryLogin): Promise<void> {
    return pullImage(this.#engine, { image, ...(login === undefined ? {} : { login }) }, onProgress, signal);
  }

  async create(request: CreateContainer): Promise<void> {
    const { instance } = request;
    const resolved = await this.#resolve(request);
    const volumes = await prepareVolumes(this.#engine, this.#volumes, request);
    const options = createOptions({ ...request, volumes }, this.#owner, resolved);
    const id = await this.#write(`cannot create ${instance}`, async (client, abortSignal) => {
      const created = await orUndefined([409], client.createContainer({ ...options, abortSignal }));
      return created?.id;
    });
    if (id !== undefined) this.#ids.set(instance, id);
    else if ((await this.inspect(instance)) === undefined) {
      throw new KontenaError('KON_ENGINE_REFUSED', `cannot create ${instance}: a container named ${containerName(instance)} is there that is not ours`);
    }
    await this.#fill(request);
  }

  /** Puts the files from the vault into a container before it starts; once more does no harm. */
  async #fill(request: CreateContainer): Promise<void> {
    const files = await secretFiles(request);
    if (files === undefined) return;
    await this.#write(`cannot put its secrets into ${request.instance}`, async (client) => {
      const id = await this.#idOf(request.instance);
      if (id !== undefined) await client.getContainer(id).putArchive(files, { path: SECRETS_PATH });
    });
  }

  start(instance: string): Promise<void> {
    return this.#write(`cannot start ${instance}`, async (client, abortSignal) => {
      const id = await this.#idOf(instance);
      if (id === undefined) throw new KontenaError('KON_CONTAINER_MISSING', `cannot start ${instance}: it has no container`);
      await orUndefined([304], client.getContainer(id).start({ abortSignal }));
    });
  }

  async stop(instance: string): Promise<void> {
    const id = await this.#idOf(instance);
    if (id === undefined) return;
    // The engine waits the grace the container was created with, which is as long as the service says: no limit of ours.
    await this.#engine.stream(`cannot stop ${instance}`, (client) => orUndefined([304, 404], client.getContainer(id).stop()));
  }

  async remove(instance: string): Promise<void> {
    const id = await this.#idOf(instance);
    if (id === undefined) return;
    await this.#write(`cannot remove ${instance}`, (client, abortSignal) =>
      orUndefined([404, 409], client.getContainer(id).remove({ v: true, force: true, abortSignal })),
    );
  }

  async *entries(instance: string, since: string | undefined, signal: AbortSignal): AsyncIterable<readonly LogEntry[]> {
    yield* untilAborted(signal, this.#entries(instance, { ...EVERYTHING, follow: true, ...(since === undefined ? {} : { since: engineMoment(since) }) }, signal));
  }

  async lastLines(instance: string, count: number, signal: AbortSignal): Promise<readonly string[]> {
    const lines: string[] = [];
    for await (const entries of untilAborted(signal, this.#entries(instance, { ...EVERYTHING, follow: false, tail: count }, signal))) {
      lines.push(...entries.map(({ text }) => Buffer.from(text).toString()));
    }
    return lines;
  }

  async *events(signal: AbortSignal): AsyncIterable<string> {
    const filters = JSON.stringify({ type: ['container'], event: EVENTS, label: ownerFilter(this.#owner) });
    yield* untilAborted(signal, this.#events((client) => client.getEvents({ filters, abortSignal: signal })));
  }

  exec(instance: string, command: readonly string[], signal: AbortSignal): Promise<CommandResult> {
    // It takes as long as it takes: who asks for it calls it off.
    return this.#engine.stream(`cannot run a command in ${instance}`, async (client) => {
      const id = await this.#idOf(instance);
      if (id === undefined) throw new KontenaError('KON_CONTAINER_MISSING', `cannot run a command in ${instance}: it has no container`);
      return runInside(client, id, command, signal);
    });
  }

  async runOnce(request: CreateContainer, command: readonly string[], signal: AbortSignal): Promise<CommandResult> {
    const resolved = await this.#resolve(request);
    const volumes = await prepareVolumes(this.#engine, this.#volumes, request);
    const options = hookOptions({ ...request, volumes }, command, this.#owner, resolved);
    const files = await secretFiles(request);
    return this.#engine.stream(`cannot run a command for ${request.instance}`, (client) => runApart(client, options, files, signal));
  }

  probe(address: string, probe: Probe, timeoutMs: number): Promise<Answer> {
    return networkProber.probe(address, probe, timeoutMs);
  }

  async *#entries(instance: string, query: EngineLogQuery, signal: AbortSignal): AsyncIterable<readonly LogEntry[]> {
    const what = `cannot read the logs of ${instance}`;
    const id = await this.#idOf(instance);
    if (id === undefined) throw new KontenaError('KON_CONTAINER_MISSING', `${what}: it has no container`);
    yield* logEntries(await this.#engine.stream(what, (client) => openLogs(client, id, query, signal)));
  }

  async *#events(open: (client: Docker) => Promise<NodeJS.ReadableStream>): AsyncIterable<string> {
    yield* changedInstances(await this.#engine.stream('cannot listen to the container engine', open));
  }

  #write<T>(what: string, ask: (client: Docker, signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#engine.call({ what, timeoutMs: WRITE_TIMEOUT_MS }, ask);
  }

  #read<T>(what: string, ask: (client: Docker, signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#engine.call({ what, timeoutMs: READ_TIMEOUT_MS }, ask);
  }

  /** A container by its id or name, if it is there and ours. */
  async #look(idOrName: string): Promise<Container | undefined> {
    const found = await this.#read(`cannot look at ${idOrName}`, (client, abortSignal) => orUndefined([404], client.getContainer(idOrName).inspect({ abortSignal })));
    return found !== undefined && isOwn(found.Config.Labels, this.#owner) ? toContainer(found) : undefined;
  }

  #listOwn(): Promise<readonly ContainerInfo[]> {
    return this.#read('cannot list containers', (client, abortSignal) => client.listContainers({ all: true, filters: { label: ownerFilter(this.#owner) }, abortSignal }));
  }

  /** Of a container that is ours: a name alone could be anybody's. */
  async #idOf(instance: string): Promise<string | undefined> {
    return this.#ids.get(instance) ?? (await this.inspect(instance))?.id;
  }

  /** Finds the containers that a spec names: `data-1` is slot 1 of service `data` of the same stack, in its newest round here. */
  async #resolve({ instance, spec }: CreateContainer): Promise<Resolved> {
    const id = parseInstance(instance);
    const wanted = references(spec, id?.slot ?? 0);
    if (id === undefined || wanted.length === 0) return { containers: {} };
    return { containers: resolveReferences(wanted, id.stack, (await this.#listOwn()).map(({ Labels }) => Labels[INSTANCE_LABEL] ?? '')) };
  }
}
