import { messageOf } from '../../model/index.js';
import type { Log } from '../../ports/index.js';
import type { Images } from './images.js';

/** Fetches the images of what will soon run here, so that what is replaced then is away no longer than it must. */
export class ImagesAhead {
  readonly #images: Images;
  readonly #log: Log;
  readonly #begun = new Map<string, AbortController>();

  constructor(images: Images, log: Log) {
    this.#images = images;
    this.#log = log;
  }

  /** Fetches `ahead`, each once, and gives up what was begun and is no longer `told` of. Who comes to need an image tries for himself, where this could not have it. */
  fetch(ahead: ReadonlySet<string>, told: ReadonlySet<string>): void {
    for (const [image, fetching] of this.#begun) {
      if (told.has(image)) continue;
      this.#begun.delete(image);
      fetching.abort();
    }
    for (const image of ahead) {
      if (this.#begun.has(image)) continue;
      const fetching = new AbortController();
      this.#begun.set(image, fetching);
      void this.#fetch(image, fetching.signal);
    }
  }

  async #fetch(image: string, signal: AbortSignal): Promise<void> {
    try {
      if (this.#images.has(image) === undefined) await this.#images.look(image);
      if (this.#images.has(image) === false && !signal.aborted) await this.#images.pull(image, signal);
    } catch (error) {
      this.#log.warn('cannot fetch an image ahead', { image, reason: messageOf(error) });
    }
  }
}
