/** A binary heap: the least first. */
export class Heap<T> {
  readonly #items: T[] = [];

  constructor(
    private readonly isBefore: (a: T, b: T) => boolean,
    items: readonly T[] = [],
  ) {
    this.#items = [...items];
    for (let index = (this.#items.length >> 1) - 1; index >= 0; index -= 1) this.#sink(index);
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#items.push(item);
    let index = this.#items.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.isBefore(item, this.#items[parent] as T)) break;
      this.#items[index] = this.#items[parent] as T;
      index = parent;
    }
    this.#items[index] = item;
  }

  pop(): T | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) {
      this.#items[0] = last;
      this.#sink(0);
    }
    return first;
  }

  #sink(start: number): void {
    const item = this.#items[start] as T;
    let index = start;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= this.#items.length) break;
      if (child + 1 < this.#items.length && this.isBefore(this.#items[child + 1] as T, this.#items[child] as T)) child += 1;
      if (!this.isBefore(this.#items[child] as T, item)) break;
      this.#items[index] = this.#items[child] as T;
      index = child;
    }
    this.#items[index] = item;
  }
}
