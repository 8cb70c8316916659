/** Items from one who pushes to one who pulls. It is not bounded: who pushes must have been given leave. */
export class Channel<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  #wake: () => void = () => undefined;
  #end: { readonly error: Error | undefined } | undefined;

  get length(): number {
    return this.#items.length;
  }

  push(item: T): void {
    if (this.#end !== undefined) return;
    this.#items.push(item);
    this.#wake();
  }

  /** No more items; those that wait are still handed out, then the error is thrown, if there is one. */
  end(error?: Error): void {
    this.#end ??= { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, undefined> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else if (this.#end !== undefined) break;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#end.error !== undefined) throw this.#end.error;
    return undefined;
  }
}
