import { type Endpoint, type Instant, KontenaError, later, messageOf, type Millis, type NetworkProblem, parseInstance, REGISTRY_STACK, type RegistrySection } from '../../model/index.js';
import type { Clock, EngineRegistry, Log, Random } from '../../ports/index.js';
import { Loop } from '../../reconcile/index.js';
import type { Keeper } from '../keeper.js';
import { Rows } from '../rows.js';
import type { TableUser } from '../tables.js';

/** Somebody may have changed the machine's files, and nothing tells. */
const LOOK_EVERY_MS: Millis = 30_000;

/** The only subject of its loop. */
const ALL = 'registry';

export interface RegistryKeeperOptions {
  readonly registry: EngineRegistry;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** What is wrong with it, or nothing any more. */
  readonly onProblem: (problem: NetworkProblem | undefined) => void;
}

/** Lets this node's engine find and trust the grid's own image registry, wherever that runs. */
export class RegistryKeeper implements Keeper<RegistrySection> {
  readonly endpoints: TableUser<Endpoint>;
  readonly #options: RegistryKeeperOptions;
  readonly #loop: Loop;
  readonly #rows: Rows<Endpoint>;
  #section: RegistrySection | undefined;

  constructor(options: RegistryKeeperOptions) {
    const { clock, random, log } = options;
    this.#options = options;
    this.endpoints = this.#rows = new Rows(({ instance }) => instance, () => this.#loop.enqueue(ALL));
    this.#loop = new Loop({
      clock, random, workers: 1,
      reconcile: () => this.#pass(),
      onError: (_subject, error) => log.warn('the engine cannot be told of the registry', { reason: messageOf(error) }),
    });
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  obey(section: RegistrySection): void {
    this.#section = section;
    this.#loop.enqueue(ALL);
  }

  /** Leaves the engine what it knows. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #pass(): Promise<Instant | undefined> {
    const { registry, clock, onProblem } = this.#options;
    if (this.#section === undefined || !this.#rows.isKnown) return undefined;
    const { host } = this.#section;
    try {
      if (host === undefined) await registry.forget();
      else await registry.introduce(host, this.#addresses());
    } catch (error) {
      if (error instanceof KontenaError) onProblem({ what: ALL, reason: error.message, remedy: error.remedy });
      throw error;
    }
    onProblem(undefined);
    return host === undefined ? undefined : later(clock.now(), LOOK_EVERY_MS);
  }

  #addresses(): readonly string[] {
    const own = this.#rows.all.filter(({ instance, isExposed, serves }) => isExposed && serves && parseInstance(instance)?.stack === REGISTRY_STACK);
    return own.map(({ address }) => address).sort();
  }
}
