import type { EngineVolume, Millis, RegistryLogin, ServiceSpec } from '../model/index.js';
import type { Attachment, Resolver } from './engine-network.js';
import type { Answer, Prober } from './prober.js';

/** The port to a container engine. Knows only containers that carry this cluster's labels; touches no other. */
export interface Runtime extends Prober {
  /** @throws KontenaError KON_ENGINE_UNREACHABLE, KON_ENGINE_TOO_OLD */
  info(): Promise<EngineInfo>;
  /** Every container of this agent, running or not. */
  list(): Promise<readonly Container[]>;
  /** One of them, by its instance; undefined when there is none. */
  inspect(instance: string): Promise<Container | undefined>;
  /** Whether the image is on the node. Asks nobody else. */
  hasImage(image: string): Promise<boolean>;
  /** @throws KontenaError KON_IMAGE_UNAVAILABLE with what the registry said */
  pull(image: string, onProgress: (text: string) => void, signal: AbortSignal, login?: RegistryLogin): Promise<void>;
  /** Makes the volumes that lack, too. Asking again for what is there changes nothing. @throws KON_IMAGE_UNAVAILABLE, KON_VOLUME_TAKEN, KON_ENGINE_REFUSED */
  create(request: CreateContainer): Promise<void>;
  /** @throws KON_CONTAINER_MISSING, KON_PORT_TAKEN, KON_ENGINE_REFUSED */
  start(instance: string): Promise<void>;
  /** Signals, waits the grace it was created with, kills. What is stopped or gone is left as it is. */
  stop(instance: string): Promise<void>;
  /** Removes the container, and what it had at paths that nobody keeps. What is gone is left so. */
  remove(instance: string): Promise<void>;
  /**
   * What a container writes, as the engine keeps it: what is there, then what comes until the container ends, those together that
   * come together. Who reads slowly makes no container wait.
   * @param since ISO 8601: from this moment on @throws KON_CONTAINER_MISSING, KON_ENGINE_REFUSED where the engine keeps nothing of it, KON_ENGINE_UNREACHABLE
   */
  entries(instance: string, since: string | undefined, signal: AbortSignal): AsyncIterable<readonly LogEntry[]>;
  /** The last lines that a container wrote. @throws as `entries` */
  lastLines(instance: string, count: number, signal: AbortSignal): Promise<readonly string[]>;
  /** Runs a command inside the running container; called off by the signal, it is killed. @throws KON_CONTAINER_MISSING, KON_ENGINE_REFUSED */
  exec(instance: string, command: readonly string[], signal: AbortSignal): Promise<CommandResult>;
  /** Runs a command in a container of its own, made like the instance's but without its ports, and removes it, also when it is called off. */
  runOnce(request: CreateContainer, command: readonly string[], signal: AbortSignal): Promise<CommandResult>;
  /** Instances whose container changed, as it happens, until aborted or the engine goes away (then it ends or throws). */
  events(signal: AbortSignal): AsyncIterable<string>;
}

export interface EngineInfo {
  readonly version: string;
  readonly apiVersion: string;
  readonly operatingSystem: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly volumeDrivers: readonly string[];
  readonly networkDrivers: readonly string[];
  /** `key=value` labels of the engine itself. */
  readonly labels: readonly string[];
  /** Of the machine, as others may reach it. */
  readonly addresses: readonly string[];
}

export interface CommandResult {
  /** Undefined: it was called off before it ended. */
  readonly exitCode: number | undefined;
  /** The last lines it wrote, a thousand at most. */
  readonly output: readonly string[];
}

export interface Container {
  /** `todo/web.2@57`, from its label. */
  readonly instance: string;
  /** `todo/web@41`, from its label. */
  readonly service: string;
  /** The engine's id. */
  readonly id: string;
  /** `removing`: on its way out; `dead`: its removal failed half way and must be asked for again. */
  readonly state: 'created' | 'running' | 'exited' | 'removing' | 'dead';
  readonly exitCode: number;
  /** Killed for want of memory. */
  readonly wasOutOfMemory: boolean;
  /** The engine's own complaint about the last start, or empty. */
  readonly error: string;
  /** Milliseconds since the epoch; undefined before the first start. */
  readonly startedAtMs: number | undefined;
  readonly finishedAtMs: number | undefined;
  /** Address on the engine's own network, where it has one. */
  readonly address: string | undefined;
  /** Of the health check that its image declares, where the engine makes it. */
  readonly health?: EngineHealth;
  /** Address on the grid's network, from its label: it has it also while it does not run. */
  readonly gridAddress?: string;
}

/** The last results are oldest first. */
export interface EngineHealth {
  readonly state: 'starting' | 'healthy' | 'unhealthy';
  readonly answers: readonly (Answer & { readonly atMs: number; readonly tookMs: Millis })[];
}

export interface CreateContainer {
  /** `todo/web.2@57`. */
  readonly instance: string;
  /** `todo/web@41`. */
  readonly service: string;
  readonly spec: ServiceSpec;
  readonly grid: string;
  readonly node: string;
  /** Values of what the spec opens, by `Secret/db-password@3`. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Volumes by the paths where it has them, of those that are ours to make; the engine makes the others. */
  readonly volumes?: Readonly<Record<string, EngineVolume>>;
  /** Its place on the grid's network; without one it is on the engine's own. */
  readonly attachment?: Attachment;
  /** How it looks for names where it is on the node's own network. */
  readonly resolver?: Resolver;
}

/** A stretch of a container's output. */
export interface LogEntry {
  readonly stream: 'stdout' | 'stderr';
  /** ISO 8601, with nanoseconds. */
  readonly at: string;
  readonly text: Uint8Array;
  /** It ends its line; long lines come in several. */
  readonly isEnd: boolean;
}
