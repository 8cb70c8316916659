import type { Store } from '../ports/index.js';

const CONCERNED: ReadonlySet<string> = new Set(['Member', 'Role', 'Credential', 'Token', 'User', 'Session']);

interface Held {
  /** Aborts with the caller's own signal, and when the right is taken back. */
  readonly signal: AbortSignal;
  /** @throws KontenaError why the right was taken back */
  requireStill(): void;
  release(): void;
}

/** Sees whether the rights to what lasts are still there whenever any right changes. */
export class Revocations {
  readonly #looks = new Set<() => void>();
  readonly #store: Store;
  #stop: (() => void) | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Asks `require` again at each change, until released or the caller's signal aborts. */
  hold(require: () => void, asked: AbortSignal): Held {
    const own = new AbortController();
    const look = (): void => {
      try {
        require();
      } catch (why) {
        release();
        own.abort(why);
      }
    };
    const release = (): void => {
      this.#looks.delete(look);
      asked.removeEventListener('abort', release);
      if (this.#looks.size === 0) this.#rest();
    };
    this.#looks.add(look);
    asked.addEventListener('abort', release, { once: true });
    this.#stop ??= this.#store.watch((changed) => {
      if (changed.some(({ kind }) => CONCERNED.has(kind))) for (const one of this.#looks) one();
    });
    return { signal: AbortSignal.any([asked, own.signal]), requireStill: () => own.signal.throwIfAborted(), release };
  }

  #rest(): void {
    this.#stop?.();
    this.#stop = undefined;
  }
}
