import type { Author } from '../ports/index.js';

/** Hears of what is decided for a call, as far as its author is made while the call begins. */
export class Decisions {
  #hear: (() => void) | undefined;

  /** Begins a call; `hear` is told each time that something was decided for it. */
  during<T>(hear: () => void, begin: () => T): T {
    this.#hear = hear;
    try {
      return begin();
    } finally {
      this.#hear = undefined;
    }
  }

  /** What an author of the call that begins now has with him. */
  get heard(): Pick<Author, 'onDecided'> {
    return this.#hear === undefined ? {} : { onDecided: this.#hear };
  }
}
