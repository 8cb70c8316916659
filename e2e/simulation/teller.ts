import { parentPort } from 'node:worker_threads';
import { tell } from './story.js';

/** Of a story that was told: why it broke a promise, if it did. */
export interface Told {
  readonly seed: number;
  readonly broken?: string;
}

/** A thread that tells stories, one after the other, each when it is asked for by its seed. */
parentPort?.on('message', (seed: number) => {
  void tell(seed).then(
    () => parentPort?.postMessage({ seed } satisfies Told),
    (error: unknown) => parentPort?.postMessage({ seed, broken: error instanceof Error ? error.message : String(error) } satisfies Told),
  );
});
