import { type AuditFact, elapsedMs, type Instant, KontenaError, later, messageOf, type Millis } from '../model/index.js';
import type { AuditLog, Clock } from '../ports/index.js';

const MINUTE_MS: Millis = 60_000;
/** Refusals of one kind that are noted one by one within a minute. */
const REFUSALS_A_MINUTE = 20;
/** Words of others are cut there: names are shorter, and so are sentences of ours. */
const MAX_CHARACTERS = 500;

/** Refusals of one kind within a minute. */
interface Kind {
  readonly since: Instant;
  told: number;
  untold: number;
}

/** How a call ended that failed. */
export type Failure = Pick<AuditFact, 'outcome' | 'reason'>;

export const failureOf = (why: unknown): Failure => ({ outcome: why instanceof KontenaError && REFUSALS.has(why.code) ? 'refused' : 'failed', reason: messageOf(why) });

const REFUSALS: ReadonlySet<string> = new Set(['KON_FORBIDDEN', 'KON_UNAUTHENTICATED', 'KON_TOKEN_INVALID', 'KON_NODE_NAME_TAKEN', 'KON_SIGN_IN_REFUSED', 'KON_SIGN_IN_DELAYED']);

/** Writes into the audit log what people and strangers do, so that nobody can fill the disk by being refused. */
export class Notebook {
  readonly #log: AuditLog;
  readonly #clock: Clock;
  readonly #kinds = new Map<string, Kind>();

  constructor(log: AuditLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** @throws KON_STORE_FULL, KON_STORE_FAILED */
  note(fact: AuditFact): Promise<void> {
    return this.#log.note(cut(fact));
  }

  /** What changes nothing and is waited for by nobody; the log itself says when it cannot be written. */
  noteLater(fact: AuditFact): void {
    this.note(fact).catch(() => undefined);
  }

  /** A refusal: so many a minute of each kind, by whom and of what, and at its end how many more there were. */
  refused(fact: AuditFact): void {
    const key = `${fact.credential ?? ''} ${fact.action}`;
    const now = this.#clock.now();
    let kind = this.#kinds.get(key);
    if (kind === undefined || (kind.untold === 0 && elapsedMs(kind.since, now) >= MINUTE_MS)) this.#kinds.set(key, (kind = { since: now, told: 0, untold: 0 }));
    if (kind.told < REFUSALS_A_MINUTE) {
      kind.told += 1;
      this.noteLater(fact);
      return;
    }
    if (kind.untold === 0) this.#clock.at(later(kind.since, MINUTE_MS), () => this.#sumUp(key, fact));
    kind.untold += 1;
  }

  /** @throws KON_STORE_FULL while nothing can be noted */
  requireRoom(): void {
    this.#log.requireRoom();
  }

  #sumUp(key: string, { who, credential, action, outcome }: AuditFact): void {
    const count = this.#kinds.get(key)?.untold ?? 0;
    this.#kinds.delete(key);
    this.noteLater({ ...(credential === undefined ? { who: STRANGERS } : { who, credential }), action, outcome, count, reason: 'more within the same minute' });
  }
}

/** Whoever has shown nothing by which to tell one from another. */
export const STRANGERS = 'strangers';

const cut = (fact: AuditFact): AuditFact =>
  Object.fromEntries(Object.entries(fact).filter(([, value]) => value !== undefined).map(([field, value]: [string, unknown]) => [field, typeof value === 'string' ? value.slice(0, MAX_CHARACTERS) : value])) as unknown as AuditFact;
