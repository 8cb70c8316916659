import { KontenaError, later, type Millis } from '../../model/index.js';
import type { Clock } from '../../ports/index.js';
import type { Wire } from './wire.js';

/** More small messages than this waiting for one reader mean that it does not read. */
const MAX_WAITING = 1000;
/** A reader that takes nothing for so long is cut off: what waits for it is memory. */
const DRAIN_LIMIT_MS: Millis = 30_000;

/**
 * What waits to be sent down one wire. Bounded: small messages queue up to a limit; what is large or newest-only is not
 * queued at all but made (`pull`) at the moment the wire can take it.
 */
export class Outbox<Out> {
  readonly #wire: Pick<Wire<Out, never>, 'send' | 'close'>;
  readonly #clock: Clock;
  readonly #pull: () => Out | undefined;
  readonly #waiting: Out[] = [];
  #waiters: ((isOpen: boolean) => void)[] = [];
  #isBusy = false;
  #isClosed = false;
  #callOff: () => void = () => undefined;

  constructor(wire: Pick<Wire<Out, never>, 'send' | 'close'>, clock: Clock, pull: () => Out | undefined) {
    this.#wire = wire;
    this.#clock = clock;
    this.#pull = pull;
  }

  push(message: Out): void {
    if (this.#isClosed) return;
    if (this.#waiting.length >= MAX_WAITING) {
      this.#wire.close(new KontenaError('KON_TIMEOUT', `the other end of the link does not read: ${MAX_WAITING} messages wait for it`));
      return;
    }
    this.#waiting.push(message);
    this.flush();
  }

  /** Sends what waits, and what can be pulled, until the wire is full. */
  flush(): void {
    while (!this.#isBusy && !this.#isClosed) {
      const next = this.#waiting.shift() ?? this.#pull();
      if (next === undefined) return;
      if (!this.#wire.send(next)) this.#block();
    }
  }

  /** The wire takes more. */
  drained(): void {
    this.#isBusy = false;
    this.#callOff();
    this.flush();
    this.#release();
  }

  closed(): void {
    this.#isClosed = true;
    this.#callOff();
    this.#waiting.length = 0;
    this.#release();
  }

  /** Resolves when the wire takes more, with false when it is closed. For streams, which wait rather than queue. */
  ready(): Promise<boolean> {
    if (this.#isClosed || !this.#isBusy) return Promise.resolve(!this.#isClosed);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #block(): void {
    if (this.#isClosed) return;
    this.#isBusy = true;
    this.#callOff = this.#clock.at(later(this.#clock.now(), DRAIN_LIMIT_MS), () => {
      this.#wire.close(new KontenaError('KON_TIMEOUT', `the other end of the link has read nothing for ${DRAIN_LIMIT_MS / 1000} s`));
    });
  }

  #release(): void {
    if (this.#isBusy && !this.#isClosed) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve(!this.#isClosed);
  }
}
