import type { Room } from '../limits.js';

/**
 * Those who hold a place: bounded in all, and for each origin (an address, a key). Where there is no room, the oldest of the
 * origin that has most gives way: who is honest is soon gone, and a flood displaces itself.
 */
export class Crowd {
  readonly #room: Room;
  readonly #onDropped: (origin: string) => void;
  /** By origin, the oldest first. */
  readonly #places = new Map<string, Set<() => void>>();
  #size = 0;

  constructor(room: Room, onDropped: (origin: string) => void) {
    this.#room = room;
    this.#onDropped = onDropped;
  }

  /** Takes a place; `drop` is called if it is needed for another. Returns a function that gives it back. */
  enter(origin: string, drop: () => void): () => void {
    const own = this.#places.get(origin) ?? new Set();
    if (own.size >= this.#room.each) this.#dropOldest(origin, own);
    else if (this.#size >= this.#room.inAll) this.#dropOldest(...this.#largest());
    const place = (): void => drop(); // a place of its own, whoever enters twice with one function
    this.#places.set(origin, own.add(place));
    this.#size += 1;
    return () => this.#leave(origin, place);
  }

  #leave(origin: string, place: () => void): void {
    const own = this.#places.get(origin);
    if (own?.delete(place) !== true) return;
    this.#size -= 1;
    if (own.size === 0) this.#places.delete(origin);
  }

  #dropOldest(origin: string, own: ReadonlySet<() => void>): void {
    const [oldest] = own;
    if (oldest === undefined) return;
    this.#leave(origin, oldest);
    this.#onDropped(origin);
    oldest();
  }

  #largest(): [string, ReadonlySet<() => void>] {
    let largest: [string, ReadonlySet<() => void>] = ['', new Set()];
    for (const entry of this.#places) if (entry[1].size > largest[1].size) largest = entry;
    return largest;
  }
}
