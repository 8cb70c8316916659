import { type Instant, later, messageOf, type Millis } from '../../model/index.js';
import type { Clock, Container, EngineInfo, Log, Random, Runtime } from '../../ports/index.js';

/** What is found then and no event told of is a fault of ours or of the engine's; it is put right all the same. */
const FULL_LOOK_MS: Millis = 60_000;

/** Between two tries to reach an engine: soon at first, since a restart of one takes about a second. */
const FIRST_RETRY_MS: Millis = 100;
const LONGEST_RETRY_MS: Millis = 5_000;

export interface EngineNews {
  /** The engine answers, after a start or a silence; this is all there is. */
  up(info: EngineInfo, containers: readonly Container[]): void;
  /** It does not. Told once per reason. */
  down(reason: string): void;
  /** Something happened to this instance's container. */
  changed(instance: string): void;
  /** All there is, from time to time. */
  seen(containers: readonly Container[]): void;
}

export interface EngineWatchOptions {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly news: EngineNews;
}

/** Keeps in touch with the engine: listens to it, looks at everything now and then, and comes back when it went away. */
export class EngineWatch {
  readonly #options: EngineWatchOptions;
  #listening = new AbortController();
  #callOff = (): void => undefined;
  #tries = 0;
  #saidReason: string | undefined;
  #state: 'stopped' | 'connecting' | 'up' = 'stopped';

  constructor(options: EngineWatchOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  /** Resolves after the first try, whatever came of it. */
  start(): Promise<void> {
    this.#state = 'connecting';
    return this.#connect();
  }

  stop(): void {
    this.#state = 'stopped';
    this.#callOff();
    this.#listening.abort();
  }

  /** A call to the engine found nobody there: nothing more is asked of it until it answers again. */
  suspect(): void {
    if (this.#state !== 'up') return;
    this.#state = 'connecting';
    this.#callOff();
    this.#listening.abort();
    this.#later(FIRST_RETRY_MS, () => void this.#connect());
  }

  async #connect(): Promise<void> {
    const { runtime, news } = this.#options;
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    try {
      const info = await runtime.info();
      void this.#listen(signal);
      const containers = await runtime.list();
      signal.throwIfAborted();
      this.#state = 'up';
      this.#tries = 0;
      this.#saidReason = undefined;
      news.up(info, containers);
      this.#later(FULL_LOOK_MS, () => void this.#lookAtAll());
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#state === 'stopped') return;
    const { random, news } = this.#options;
    this.#listening.abort();
    const reason = messageOf(error);
    if (reason !== this.#saidReason) news.down(reason);
    this.#saidReason = reason;
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** this.#tries, LONGEST_RETRY_MS) * (1 - random.fraction() / 5);
    this.#tries += 1;
    this.#later(waitMs, () => void this.#connect());
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const { runtime, news, log } = this.#options;
    try {
      for await (const instance of runtime.events(signal)) news.changed(instance);
    } catch (error) {
      log.warn('the container engine stopped telling what happens', { reason: messageOf(error) });
    }
    if (signal.aborted) return;
    this.#listening.abort();
    this.suspect();
  }

  async #lookAtAll(): Promise<void> {
    const { signal } = this.#listening;
    try {
      const containers = await this.#options.runtime.list();
      if (signal.aborted) return;
      this.#options.news.seen(containers);
      this.#later(FULL_LOOK_MS, () => void this.#lookAtAll());
    } catch (error) {
      this.#options.log.warn('cannot look at the containers', { reason: messageOf(error) });
      this.suspect();
    }
  }

  #later(byMs: Millis, run: () => void): void {
    const { clock } = this.#options;
    const when: Instant = later(clock.now(), byMs);
    this.#callOff = clock.at(when, run);
  }
}
