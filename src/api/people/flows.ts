import { elapsedMs, type Instant, KontenaError, later, type Millis } from '../../model/index.js';
import type { Clock, Identity, Knock, OidcCheck, Random } from '../../ports/index.js';

/** Somebody who has gone to the provider has so long to come back. */
const LIMIT_MS: Millis = 10 * 60_000;
/** As many may be there at once, and of one place; the oldest of a place makes way. */
const MOST = 1_000;
const MOST_EACH = 20;

/** A sign-in that goes on at the provider. */
export interface Flow {
  readonly knock: Knock;
  /** What the browser's answer is checked against; */
  readonly check?: OidcCheck;
  /** or who it was, without one. */
  readonly outcome?: Promise<Identity>;
  /** Nobody waits for it any more. */
  readonly giveUp: () => void;
}

/** Those who have gone to the provider and are not back. In memory: who is away while the master starts anew begins again. */
export class Flows {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #flows = new Map<string, Flow & { readonly at: Instant }>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** @throws KontenaError KON_BUSY */
  add(flow: Flow): string {
    this.#forgetOld();
    const same = [...this.#flows].filter(([, { knock }]) => knock.origin === flow.knock.origin);
    if (same.length >= MOST_EACH) this.end(same[0]?.[0] ?? '');
    if (this.#flows.size >= MOST) throw new KontenaError('KON_BUSY', 'too many people are signing in at once');
    const id = this.#random.secret(24);
    this.#flows.set(id, { ...flow, at: this.#clock.now() });
    return id;
  }

  /** @throws KontenaError KON_SIGN_IN_REFUSED for one that is over, or never was */
  get(id: string): Flow {
    this.#forgetOld();
    const flow = this.#flows.get(id);
    if (flow === undefined) throw new KontenaError('KON_SIGN_IN_REFUSED', 'this sign-in is over, or was never begun here');
    return flow;
  }

  end(id: string): void {
    this.#flows.get(id)?.giveUp();
    this.#flows.delete(id);
  }

  #forgetOld(): void {
    const now = this.#clock.now();
    for (const [id, { at }] of this.#flows) {
      if (elapsedMs(at, now) < LIMIT_MS) return; // the oldest first
      this.end(id);
    }
  }
}

/** What came of it within a while; undefined where nothing has. */
export function within<T>(clock: Clock, ms: Millis, outcome: Promise<T>): Promise<T | undefined> {
  return new Promise((done, failed) => {
    const callOff = clock.at(later(clock.now(), ms), () => done(undefined));
    outcome.finally(callOff).then(done, failed);
  });
}
