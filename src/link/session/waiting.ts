/** What waits for readers, in characters, and how much of it may. */
export class Waiting {
  readonly #most: number;
  #characters = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#characters >= this.#most;
  }

  /** Negative for what waits no more. */
  add(characters: number): void {
    this.#characters += characters;
  }
}
