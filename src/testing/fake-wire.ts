import { type Instant, type KontenaError, later, type Millis } from '../model/index.js';
import type { Clock } from '../ports/index.js';
import type { Wire } from '../link/session/index.js';
import { FakePause } from './fake-pause.js';

export interface FakeWireOptions {
  readonly clock: Clock;
  /** How long the next message takes. Messages never overtake each other. */
  readonly delayMs: () => Millis;
}

/** Two ends of one connection that can be cut: what is under way is lost, and neither end hears of it until `close`. */
export class FakeWire<Left, Right> {
  readonly left: End<Left, Right>;
  readonly right: End<Right, Left>;

  constructor(options: FakeWireOptions) {
    this.left = new End(options);
    this.right = new End(options);
    this.left.other = this.right;
    this.right.other = this.left;
  }

  /** From now on nothing arrives, in either direction. */
  cut(): void {
    this.left.isCut = true;
    this.right.isCut = true;
  }

  /** Both ends learn that it is over. */
  break(): void {
    this.left.end(undefined);
    this.right.end(undefined);
  }
}

class End<Out, In> implements Wire<Out, In> {
  readonly #options: FakeWireOptions;
  other: End<In, Out> | undefined;
  isCut = false;
  /** Of the process at this end. */
  pause = new FakePause();
  /** Sees each message as it arrives, before the process does. */
  onArrival: (message: In) => void = () => undefined;
  #isOver = false;
  #lastArrival = 0 as Instant;
  #receive: (message: In) => void = () => undefined;
  #closed: (error: KontenaError | undefined) => void = () => undefined;

  constructor(options: FakeWireOptions) {
    this.#options = options;
  }

  send(message: Out): boolean {
    if (!this.#isOver) this.#arrive(() => this.other?.deliver(message));
    return true;
  }

  onMessage(listener: (message: In) => void): void {
    this.#receive = listener;
  }

  /** The fake wire takes everything at once. */
  onDrain(_listener: () => void): void {
    return;
  }

  onClose(listener: (error: KontenaError | undefined) => void): void {
    this.#closed = listener;
  }

  close(error?: KontenaError): void {
    if (this.#isOver) return;
    this.#arrive(() => this.other?.end(error));
    this.end(error);
  }

  deliver(message: In): void {
    if (this.#isOver) return;
    this.onArrival(message);
    this.pause.run(() => {
      if (!this.#isOver) this.#receive(message);
    });
  }

  end(error: KontenaError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.clock.soon(() => this.pause.run(() => this.#closed(error)));
  }

  #arrive(run: () => void): void {
    const { clock, delayMs } = this.#options;
    this.#lastArrival = Math.max(this.#lastArrival, later(clock.now(), delayMs())) as Instant;
    clock.at(this.#lastArrival, () => {
      if (!this.isCut) run();
    });
  }
}
