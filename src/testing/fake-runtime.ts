import { containerName, type EngineVolume, fullMoment, KontenaError, later, type Millis, parseInstance, type RegistryLogin, type ServiceSpec, vaultUses, versionName } from '../model/index.js';
import type { Answer, Clock, CommandResult, Container, CreateContainer, EngineHealth, EngineInfo, LogEntry, Probe, Runtime } from '../ports/index.js';
import type { FakePause } from './fake-pause.js';
import { fakeProcess } from './fake-process.js';
import { type Script, scriptOf } from './fake-script.js';

type Call = Exclude<keyof Runtime, 'probe' | 'events'>;

/** What may go wrong, or take time: asked before each call. */
export interface FakeFaults {
  /** Thrown by the call in place of doing it. */
  fails?: (call: Call, about: string) => KontenaError | undefined;
  /** How long the call takes. */
  takesMs?: (call: Call, about: string) => Millis;
}

interface Live extends Container {
  readonly owner: FakeRuntime;
  readonly request: CreateContainer;
  readonly script: Script;
  readonly lines: LogEntry[];
  /** Calls off the end that the script has set. */
  readonly callOff?: () => void;
}

const INFO: EngineInfo = {
  version: '0.0.0',
  apiVersion: '1.41',
  operatingSystem: 'fake',
  kernel: '0',
  architecture: 'amd64',
  cpus: 4,
  memoryBytes: 8 * 1024 ** 3,
  volumeDrivers: ['local'],
  networkDrivers: ['bridge', 'host'],
  labels: [],
  addresses: ['192.0.2.1'],
};

/**
 * A container engine in memory, on a clock that may be a fake one. It outlives agents, as a real one does. Of a container's
 * command it understands a little shell, see {@link Script}; anything else stays up until it is stopped.
 */
export class FakeRuntime implements Runtime {
  /** Images on the node. */
  images = new Set<string>();
  /** Images that can be pulled. */
  registry = new Set<string>();
  /** Volumes on the node, by name. */
  volumes = new Map<string, EngineVolume>();
  /** Every call that changes something, in order: `create todo/web.1@5`. */
  readonly writes: string[] = [];
  /** Instances that a command was run for in a container of its own, once for each that ended well. */
  readonly prepared: string[] = [];
  /** Every call. */
  calls = 0;
  /** Times that a container became another, for whoever would look at all of them each time. */
  changes = 0;
  faults: FakeFaults = {};
  /** What a probe finds wrong; undefined is a good answer. */
  answer: (instance: string | undefined, probe: Probe) => string | undefined = () => undefined;
  readonly #clock: Clock;
  readonly #info: EngineInfo;
  #machine = new Map<string, Live>();
  readonly #listeners = new Set<Listener>();
  #isAway = false;
  #made = 0;

  constructor({ clock, info = {} }: { readonly clock: Clock; readonly info?: Partial<EngineInfo> }) {
    this.#clock = clock;
    this.#info = { ...INFO, ...info };
  }

  /** Another node's runtime on the same engine: the same images, names and ports, other containers. */
  neighbour(): FakeRuntime {
    const other = new FakeRuntime({ clock: this.#clock, info: this.#info });
    other.images = this.images;
    other.registry = this.registry;
    other.volumes = this.volumes;
    other.#machine = this.#machine;
    return other;
  }

  /** The engine as one agent process knows it: when that ends, its calls are never answered any more, though the engine may still do them. */
  newProcess(pause?: FakePause): { readonly runtime: Runtime; readonly end: () => void } {
    return fakeProcess(this, pause);
  }

  /** What is there, for looking at from outside. */
  get containers(): readonly Container[] {
    return this.#own().map(seen);
  }

  /** Values from the vault that a container was made with, by the names it knows them by. */
  opened(instance: string): Readonly<Record<string, string | undefined>> {
    const request = this.#get(instance)?.request;
    return Object.fromEntries((request === undefined ? [] : vaultUses(request.spec)).map((use) => [use.as, request?.secrets[versionName(use, use.version ?? 0)]]));
  }

  /** Whether a container has the volume. */
  isMounted(volume: string): boolean {
    return [...this.#machine.values()].some(({ request }) => Object.values(request.volumes ?? {}).some(({ name }) => name === volume));
  }

  /** The engine's process ends, or comes back; containers live on. */
  setAway(isAway: boolean): void {
    this.#isAway = isAway;
    if (isAway) for (const listener of this.#listeners) listener.end(this.#unreachable());
  }

  /** The machine restarts: every container has ended, without anyone having been told. */
  reboot(): void {
    for (const listener of this.#listeners) listener.end(this.#unreachable());
    for (const { instance, state } of this.#own()) if (state === 'running') this.#end(instance, 137, { isTold: false });
  }

  /** The process of a container ends by itself. */
  exit(instance: string, exitCode: number, output: readonly string[] = []): void {
    const container = this.#get(instance);
    if (container?.state !== 'running') return;
    this.#write(container, output);
    this.#end(instance, exitCode);
  }

  /** The health check that its image declares has come to another result. */
  setHealth(instance: string, health: EngineHealth): void {
    const container = this.#get(instance);
    if (container?.state !== 'running') return;
    this.#put({ ...container, health });
    this.#tell(instance);
  }

  /** Somebody types `docker rm -f`. */
  removeByHand(instance: string): void {
    const container = this.#get(instance);
    if (container === undefined) return;
    if (container.state === 'running') this.#end(instance, 137);
    this.#drop(instance);
    this.#tell(instance);
  }

  /** A container from before, e.g. one that nobody assigned. */
  place(request: CreateContainer, state: 'created' | 'running' = 'running'): void {
    this.#make(request);
    if (state === 'running') this.#begin(request.instance);
  }

  info(): Promise<EngineInfo> {
    return this.#call('info', '', () => this.#info);
  }

  list(): Promise<readonly Container[]> {
    return this.#call('list', '', () => this.containers);
  }

  inspect(instance: string): Promise<Container | undefined> {
    return this.#call('inspect', instance, () => {
      const container = this.#get(instance);
      return container === undefined ? undefined : seen(container);
    });
  }

  hasImage(image: string): Promise<boolean> {
    return this.#call('hasImage', image, () => this.images.has(image));
  }

  async pull(image: string, onProgress: (text: string) => void, signal: AbortSignal, _login?: RegistryLogin): Promise<void> {
    onProgress(`pulling ${image}`);
    await this.#call('pull', image, () => {
      if (signal.aborted) throw new KontenaError('KON_IMAGE_UNAVAILABLE', `cannot pull ${image}: called off`);
      if (!this.registry.has(image)) throw new KontenaError('KON_IMAGE_UNAVAILABLE', `cannot pull ${image}: manifest unknown`);
      this.images.add(image);
    });
  }

  create(request: CreateContainer): Promise<void> {
    const { instance, spec, volumes = {} } = request;
    return this.#call('create', instance, () => {
      for (const volume of Object.values(volumes)) this.#ensureVolume(volume);
      if (this.#get(instance) !== undefined) return;
      if (this.#machine.has(instance)) throw new KontenaError('KON_ENGINE_REFUSED', `cannot create ${instance}: a container of that name is there that is not ours`);
      if (!this.images.has(spec.image)) throw new KontenaError('KON_IMAGE_UNAVAILABLE', `cannot create ${instance}: No such image: ${spec.image}`);
      this.#make(request);
    });
  }

  start(instance: string): Promise<void> {
    return this.#call('start', instance, () => {
      const container = this.#get(instance);
      if (container === undefined) throw new KontenaError('KON_CONTAINER_MISSING', `cannot start ${instance}: it has no container`);
      if (container.state === 'running') return;
      const port = this.#takenPort(container.request.spec);
      if (port !== undefined) throw new KontenaError('KON_PORT_TAKEN', `cannot start ${instance}: port ${port} of the node is taken`);
      this.#begin(instance);
    });
  }

  async stop(instance: string): Promise<void> {
    await this.#call('stop', instance, () => undefined);
    const container = this.#get(instance);
    if (container?.state !== 'running') return;
    if (container.script.ignoresStop) await this.#pass(container.request.spec.stopGraceSeconds * 1000);
    if (this.#get(instance)?.state === 'running') this.#end(instance, container.script.ignoresStop ? 137 : 0);
  }

  remove(instance: string): Promise<void> {
    return this.#call('remove', instance, () => {
      const container = this.#get(instance);
      if (container?.state === 'running') this.#end(instance, 137);
      if (container === undefined) return;
      this.#drop(instance);
      this.#tell(instance);
    });
  }

  async *entries(instance: string, since: string | undefined, signal: AbortSignal): AsyncIterable<readonly LogEntry[]> {
    const container = this.#get(instance);
    if (container === undefined) throw new KontenaError('KON_CONTAINER_MISSING', `${instance} has no container to read logs of`);
    await this.#call('entries', instance, () => undefined);
    const { lines } = container;
    for (let read = 0; ; ) {
      await this.#written(instance, lines, read, signal);
      const entries = lines.slice(read).filter(({ at }) => since === undefined || at >= since);
      read = lines.length;
      if (signal.aborted) return;
      if (entries.length > 0) yield entries;
      if (read >= lines.length && this.#get(instance)?.state !== 'running') return;
    }
  }

  async lastLines(instance: string, count: number): Promise<readonly string[]> {
    await this.#call('lastLines', instance, () => undefined);
    return (this.#get(instance)?.lines ?? []).slice(-count).map(({ text }) => Buffer.from(text).toString());
  }

  async exec(instance: string, command: readonly string[], signal: AbortSignal): Promise<CommandResult> {
    await this.#call('exec', instance, () => {
      if (this.#get(instance)?.state !== 'running') throw new KontenaError('KON_ENGINE_REFUSED', `cannot run a command in ${instance}: it is not running`);
    });
    return this.#run(command, signal);
  }

  async runOnce({ instance, spec }: CreateContainer, command: readonly string[], signal: AbortSignal): Promise<CommandResult> {
    await this.#call('runOnce', instance, () => {
      if (!this.images.has(spec.image)) throw new KontenaError('KON_IMAGE_UNAVAILABLE', `cannot run a command for ${instance}: No such image: ${spec.image}`);
    });
    const result = await this.#run(command, signal);
    if (result.exitCode === 0) this.prepared.push(instance);
    return result;
  }

  /** Runs a script to its end, or until it is called off. */
  async #run(command: readonly string[], signal: AbortSignal): Promise<CommandResult> {
    const { output, endsAfterMs = 0, exitCode } = scriptOf({ command });
    await Promise.race([this.#pass(endsAfterMs), new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))]);
    return { exitCode: signal.aborted ? undefined : exitCode, output };
  }

  async *events(signal: AbortSignal): AsyncIterable<string> {
    if (this.#isAway) throw this.#unreachable();
    const listener = new Listener();
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => listener.end(undefined), { once: true });
    try {
      yield* listener.values();
    } finally {
      this.#listeners.delete(listener);
    }
  }

  probe(address: string, probe: Probe): Promise<Answer> {
    const instance = this.#own().find((container) => container.address === address)?.instance;
    const wrong = this.answer(instance, probe);
    return Promise.resolve({ isGood: wrong === undefined, said: wrong ?? 'it answered' });
  }

  #get(instance: string): Live | undefined {
    const container = this.#machine.get(instance);
    return container?.owner === this ? container : undefined;
  }

  #own(): readonly Live[] {
    return [...this.#machine.values()].filter(({ owner }) => owner === this);
  }

  /** Every call of the engine goes through here: it is counted, may take time, and may fail. */
  async #call<T>(call: Call, about: string, work: () => T): Promise<T> {
    this.calls += 1;
    if (WRITES.has(call)) this.writes.push(`${call} ${about}`);
    await this.#pass(this.faults.takesMs?.(call, about) ?? 0);
    if (this.#isAway) throw this.#unreachable();
    const fault = this.faults.fails?.(call, about);
    if (fault !== undefined) throw fault;
    return work();
  }

  #pass(ms: Millis): Promise<void> {
    return ms === 0 ? Promise.resolve() : new Promise((resolve) => this.#clock.at(later(this.#clock.now(), ms), resolve));
  }

  #ensureVolume(volume: EngineVolume): void {
    const found = this.volumes.get(volume.name);
    if (found === undefined) this.volumes.set(volume.name, volume);
    else if (found.driver !== volume.driver) throw new KontenaError('KON_VOLUME_TAKEN', `the engine has a volume ${volume.name} of the driver ${found.driver}, and ${volume.driver} is asked for`);
  }

  #make(request: CreateContainer): void {
    const { instance, service, spec, attachment } = request;
    this.#made += 1;
    const container: Live = {
      owner: this, instance, service, request, lines: [], script: scriptOf(spec),
      id: `${containerName(instance)}-${String(this.#made)}`,
      state: 'created', exitCode: 0, wasOutOfMemory: false, error: '',
      startedAtMs: undefined, finishedAtMs: undefined, address: undefined,
      ...(attachment === undefined ? {} : { gridAddress: attachment.address }),
    };
    this.#put(container);
  }

  #begin(instance: string): void {
    const container = this.#get(instance);
    if (container === undefined) return;
    const { health: _before, ...stopped } = container; // it is of the life before
    const { endsAfterMs, exitCode, output } = container.script;
    const slot = parseInstance(instance)?.slot ?? 0;
    const callOff = endsAfterMs === undefined ? undefined : this.#clock.at(later(this.#clock.now(), endsAfterMs), () => this.#end(instance, exitCode));
    const running = { ...stopped, state: 'running', startedAtMs: this.#clock.wall(), address: container.gridAddress ?? `172.17.${String(this.#made % 250)}.${String(slot % 250)}` } as const;
    this.#put(callOff === undefined ? running : { ...running, callOff });
    this.#write(running, output);
    this.#tell(instance);
  }

  #end(instance: string, exitCode: number, { isTold } = { isTold: true }): void {
    const container = this.#get(instance);
    if (container?.state !== 'running') return;
    container.callOff?.();
    this.#put({ ...container, state: 'exited', exitCode, finishedAtMs: this.#clock.wall(), address: undefined });
    if (isTold) this.#tell(instance);
  }

  #put(container: Live): void {
    this.#machine.set(container.instance, container);
    this.changes += 1;
  }

  #drop(instance: string): void {
    this.#machine.delete(instance);
    this.changes += 1;
  }

  #write({ lines }: Live, output: readonly string[]): void {
    const at = fullMoment(new Date(this.#clock.wall()).toISOString());
    for (const line of output) lines.push({ stream: 'stdout', at, text: Buffer.from(line), isEnd: true });
    if (output.length > 0) for (const listener of this.#listeners) listener.wake();
  }

  #tell(instance: string): void {
    for (const listener of this.#listeners) listener.push(instance);
  }

  #takenPort({ ports, network }: ServiceSpec): string | undefined {
    if (network !== 'bridge') return undefined;
    const held = [...this.#machine.values()].filter(({ state }) => state === 'running').flatMap(({ request }) => request.spec.ports);
    const taken = ports.find((port) => held.some((other) => other.nodePort === port.nodePort && other.protocol === port.protocol));
    return taken === undefined ? undefined : String(taken.nodePort);
  }

  /** Until the container has written so many lines, will write no more, or the reader goes away. */
  async #written(instance: string, lines: readonly LogEntry[], count: number, signal: AbortSignal): Promise<void> {
    const listener = new Listener();
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => listener.wake(), { once: true });
    while (count >= lines.length && this.#get(instance)?.state === 'running' && !signal.aborted) await listener.woken;
    this.#listeners.delete(listener);
  }

  #unreachable(): KontenaError {
    return new KontenaError('KON_ENGINE_UNREACHABLE', 'the container engine at fake does not answer: nothing listens on the socket');
  }
}

const WRITES: ReadonlySet<Call> = new Set<Call>(['pull', 'create', 'start', 'stop', 'remove', 'exec', 'runOnce']);

/** What the port shows of a container. */
const seen = ({ owner: _owner, request: _request, script: _script, lines: _lines, callOff: _callOff, ...container }: Live): Container => container;

/** One who listens to events. */
class Listener {
  readonly #queue: string[] = [];
  #end: { readonly error: KontenaError | undefined } | undefined;
  #wake: () => void = () => undefined;
  woken = new Promise<void>((resolve) => (this.#wake = resolve));

  push(instance: string): void {
    this.#queue.push(instance);
    this.wake();
  }

  end(error: KontenaError | undefined): void {
    this.#end ??= { error };
    this.wake();
  }

  wake(): void {
    this.#wake();
    this.woken = new Promise<void>((resolve) => (this.#wake = resolve));
  }

  async *values(): AsyncIterable<string> {
    for (;;) {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) yield next;
      if (this.#end?.error !== undefined) throw this.#end.error;
      if (this.#end !== undefined) return;
      await this.woken;
    }
  }
}
