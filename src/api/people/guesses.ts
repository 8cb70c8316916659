import { elapsedMs, type Instant, KontenaError, later, type Millis } from '../../model/index.js';
import type { Clock } from '../../ports/index.js';

/** Wrong guesses that cost nothing, since the last right one: of one account from one place, from one place, and of one account from anywhere. */
const FREE = { pair: 5, place: 20, account: 100 };
/** What the first guess after those waits; each further one waits twice as long, */
const FIRST_WAIT_MS: Millis = 1_000;
/** up to this. */
const LONGEST_WAIT_MS: Millis = 15 * 60_000;
/** Guesses are forgotten when there were none for so long. */
const FORGOTTEN_MS: Millis = 24 * 3_600_000;
/** As many accounts and places are remembered: some MB. The oldest make way. */
const MOST = 20_000;

interface Count {
  readonly wrong: number;
  readonly at: Instant;
  /** Nothing is tried before. */
  readonly freeAt: Instant;
}

/**
 * Slows guessing down, of an account and from a place (an address, as far as it tells one machine from another). A place
 * where somebody has signed in is not slowed by what strangers guess of their account elsewhere: else whoever knows a name
 * could keep its owner out.
 */
export class Guesses {
  readonly #clock: Clock;
  readonly #counts = new Map<string, Count>();
  /** Places where an account was opened. */
  readonly #homes = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Takes a turn. It counts as wrong until {@link right} says otherwise, so that many at once are no way around.
   *
   * @throws KontenaError KON_SIGN_IN_DELAYED
   */
  begin(account: string, place: string): void {
    const now = this.#clock.now();
    const keys = this.#keys(account, place);
    const freeAt = Math.max(0, ...keys.map(([key]) => this.#counts.get(key)?.freeAt ?? 0)) as Instant;
    if (freeAt > now) throw new KontenaError('KON_SIGN_IN_DELAYED', `too many wrong guesses: the next one is heard in ${Math.ceil(elapsedMs(now, freeAt) / 1000)} s`);
    for (const [key, free] of keys) this.#count(key, free, now);
  }

  /** It was right: of this account and this place nothing stands against the next time. */
  right(account: string, place: string): void {
    for (const [key] of this.#keys(account, place)) this.#uncount(key);
    this.#counts.delete(pairOf(account, place));
    this.#homes.add(pairOf(account, place));
    for (const home of this.#homes) {
      if (this.#homes.size <= MOST) break;
      this.#homes.delete(home);
    }
  }

  #keys(account: string, place: string): readonly (readonly [string, number])[] {
    const pair = pairOf(account, place);
    const shared = this.#homes.has(pair) ? [] : [[accountOf(account), FREE.account] as const];
    return [[pair, FREE.pair], [placeOf(place), FREE.place], ...shared];
  }

  #count(key: string, free: number, now: Instant): void {
    const before = this.#counts.get(key);
    const wrong = (before === undefined || elapsedMs(before.at, now) > FORGOTTEN_MS ? 0 : before.wrong) + 1;
    const waitMs = wrong < free ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (wrong - free));
    this.#counts.delete(key); // the newest last
    this.#counts.set(key, { wrong, at: now, freeAt: later(now, waitMs) });
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= MOST) break;
      this.#counts.delete(oldest);
    }
  }

  /** What began was no guess. What was guessed before it stands. */
  #uncount(key: string): void {
    const before = this.#counts.get(key);
    if (before !== undefined) this.#counts.set(key, { ...before, wrong: before.wrong - 1, freeAt: before.at });
  }
}

const pairOf = (account: string, place: string): string => `${account} ${place}`;
const placeOf = (place: string): string => `place ${place}`;
const accountOf = (account: string): string => `account ${account}`;
