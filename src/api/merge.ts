/** Items that may wait to be read, of all streams together, before their sources are made to wait. */
const FULL = 256;

/** Several streams as one, in order of arrival. Streams may be added while it is read; a slow reader slows them all. */
export class Merge<T> {
  readonly #ready: T[] = [];
  readonly #slowed = new Set<() => void>();
  #open = 0;
  #isHeld: boolean;
  #wake: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** @param isHeld it does not end when its streams have ended, until {@link release}, as more may come */
  constructor(isHeld: boolean) {
    this.#isHeld = isHeld;
  }

  /** When the stream fails, reading fails. */
  add(stream: AsyncIterable<T>): void {
    this.#open += 1;
    void this.#take(stream);
  }

  /** From now on it ends when its streams have ended. */
  release(): void {
    this.#isHeld = false;
    this.#wake?.();
  }

  async *read(): AsyncGenerator<T> {
    for (;;) {
      const items = this.#ready.splice(0);
      for (const resolve of this.#slowed) resolve();
      this.#slowed.clear();
      yield* items;
      if (this.#ready.length > 0) continue;
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#open === 0 && !this.#isHeld) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async #take(stream: AsyncIterable<T>): Promise<void> {
    try {
      for await (const item of stream) await this.#give(item);
    } catch (error) {
      this.#failure ??= { error };
    }
    this.#open -= 1;
    this.#wake?.();
  }

  async #give(item: T): Promise<void> {
    this.#ready.push(item);
    this.#wake?.();
    if (this.#ready.length >= FULL) await new Promise<void>((resolve) => this.#slowed.add(resolve));
  }
}
