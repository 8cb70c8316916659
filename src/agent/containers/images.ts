import type { RegistryLogin } from '../../model/index.js';
import type { Log, Runtime } from '../../ports/index.js';

/** How an image is asked for; undefined when it is for everyone. */
export type LoginFor = (image: string) => RegistryLogin | undefined;

interface Pull {
  readonly done: Promise<void>;
  readonly abort: AbortController;
  waiting: number;
}

/** What the agent knows of images: asked once, pulled once for all that wait for one. */
export class Images {
  readonly #runtime: Runtime;
  readonly #log: Log;
  readonly #loginFor: LoginFor;
  readonly #known = new Map<string, boolean>();
  readonly #looks = new Map<string, Promise<void>>();
  readonly #pulls = new Map<string, Pull>();

  constructor(runtime: Runtime, log: Log, loginFor: LoginFor = () => undefined) {
    this.#runtime = runtime;
    this.#loginFor = loginFor;
    this.#log = log;
  }

  /** Whether the image is on the node; undefined while nobody looked. */
  has(image: string): boolean | undefined {
    return this.#known.get(image);
  }

  /** The engine says otherwise, or may. */
  forget(image?: string): void {
    if (image === undefined) this.#known.clear();
    else this.#known.delete(image);
  }

  look(image: string): Promise<void> {
    let look = this.#looks.get(image);
    if (look === undefined) {
      look = this.#runtime
        .hasImage(image)
        .then((isThere) => void this.#known.set(image, isThere))
        .finally(() => this.#looks.delete(image));
      this.#looks.set(image, look);
    }
    return look;
  }

  /** Pulls, or waits for the pull that is under way; it is called off when nobody waits for it any more. */
  async pull(image: string, signal: AbortSignal): Promise<void> {
    const pull = this.#pulls.get(image) ?? this.#begin(image);
    pull.waiting += 1;
    try {
      await Promise.race([pull.done, whenAborted(signal)]);
    } finally {
      pull.waiting -= 1;
      if (pull.waiting === 0) this.#giveUp(image, pull);
    }
  }

  #begin(image: string): Pull {
    const abort = new AbortController();
    this.#log.info('pulling', { image });
    const done = this.#runtime
      .pull(image, (progress) => this.#log.info('pulling', { image, progress }), abort.signal, this.#loginFor(image))
      .then(() => void this.#known.set(image, true))
      .finally(() => this.#giveUp(image, pull));
    done.catch(() => undefined); // those who wait hear of it; perhaps nobody does any more
    const pull: Pull = { done, abort, waiting: 0 };
    this.#pulls.set(image, pull);
    return pull;
  }

  /** Who comes after this begins anew: he must not wait for what was called off. */
  #giveUp(image: string, pull: Pull): void {
    if (this.#pulls.get(image) === pull) this.#pulls.delete(image);
    pull.abort.abort();
  }
}

const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
