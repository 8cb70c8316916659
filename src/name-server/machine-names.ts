import { KontenaError, later, messageOf, type Millis, type NetworkProblem } from '../model/index.js';
import type { Clock, MachineResolver } from '../ports/index.js';

/** Others write what a machine looks names up by, too: so often it is seen to be as it was said. */
const LOOK_EVERY_MS: Millis = 30_000;

/** Has the programs of this machine ask a server of ours, for as long as it is there. */
export class MachineNames {
  /** Of the machine alone: containers cannot reach it, and engines do not tell them of it. */
  readonly address: string;
  readonly #clock: Clock;
  readonly #resolver: MachineResolver;
  #isOffered = false;
  #problem: NetworkProblem | undefined;
  #tell: () => void = () => undefined;
  #callOffLook: () => void = () => undefined;
  /** One look after the other. */
  #looks: Promise<void> = Promise.resolve();

  constructor({ address, clock, resolver }: { readonly address: string; readonly clock: Clock; readonly resolver: MachineResolver }) {
    this.address = address;
    this.#clock = clock;
    this.#resolver = resolver;
  }

  get problem(): NetworkProblem | undefined {
    return this.#problem;
  }

  onProblem(tell: () => void): void {
    this.#tell = tell;
  }

  /** The server answers. */
  offer(): void {
    this.#isOffered = true;
    this.#look();
  }

  /** It does not, nor will it soon. */
  withdraw(): void {
    this.#isOffered = false;
    this.#look();
  }

  /** Resolves when the machine asks as it did before. */
  stop(): Promise<void> {
    this.withdraw();
    return this.#looks;
  }

  #look(): void {
    this.#callOffLook();
    this.#looks = this.#looks.then(() => this.#bring());
  }

  async #bring(): Promise<void> {
    try {
      if (this.#isOffered) await this.#resolver.use(this.address);
      else await this.#resolver.leave();
      this.#conclude(undefined);
    } catch (error) {
      this.#conclude({ what: 'names', reason: messageOf(error), remedy: error instanceof KontenaError ? error.remedy : 'It is tried again by itself; the log of the agent may say more.' });
    }
    this.#callOffLook();
    if (this.#isOffered) this.#callOffLook = this.#clock.at(later(this.#clock.now(), LOOK_EVERY_MS), () => this.#look());
  }

  #conclude(problem: NetworkProblem | undefined): void {
    const isNews = problem?.reason !== this.#problem?.reason;
    this.#problem = problem;
    if (isNews) this.#tell();
  }
}
