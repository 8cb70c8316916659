import { KontenaError, later, messageOf, type Millis } from '../../model/index.js';
import type { Access, Caller, Clock, Store } from '../../ports/index.js';
import { bearerIn, type Call, certifiedRole, hostOf, requireAdmin } from './peer.js';

/** How often it is seen whether what is open has ended meanwhile; whether it was revoked is seen at once. */
const LOOK_EVERY_MS: Millis = 1_000;

export interface GuardOptions {
  readonly access: Access;
  readonly store: Store;
  readonly clock: Clock;
}

/** What says whether somebody is still let in. */
const CONCERNED: ReadonlySet<string> = new Set(['Credential', 'Token', 'User', 'Session']);

interface Held {
  /** @throws KON_UNAUTHENTICATED, KON_TOKEN_INVALID */
  readonly admit: () => Caller;
  readonly cut: (why: KontenaError) => void;
}

/** Asks of every call whose it is and whether that still counts, and of those that last as long as they do. */
export class Guard {
  readonly #options: GuardOptions;
  readonly #held = new Set<Held>();
  readonly #stop: () => void;
  #callOff: (() => void) | undefined;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#stop = options.store.watch((changed) => {
      if (changed.some(({ kind }) => CONCERNED.has(kind))) this.#look();
    });
  }

  close(): void {
    this.#stop();
    this.#callOff?.();
  }

  /** @throws KON_UNAUTHENTICATED, KON_TOKEN_INVALID, KON_FORBIDDEN for agents */
  client(call: Call): Caller {
    return this.#admission(call)(hostOf(call.getPeer()));
  }

  /** Agents, and clients that count. @throws KON_UNAUTHENTICATED, KON_TOKEN_INVALID */
  anyone(call: Call): void {
    if (certifiedRole(call) !== 'agent') this.client(call);
  }

  /** Calls `cut` when the caller's credential or token is revoked or ends. Returns a function that makes it forget the call. */
  hold(call: Call, cut: Held['cut']): () => void {
    const held = { admit: this.#admission(call), cut };
    this.#held.add(held);
    this.#lookLater();
    return () => void this.#held.delete(held);
  }

  /** How this caller is let in: by its certificate, or without one by its token. @throws KON_UNAUTHENTICATED, KON_FORBIDDEN for agents */
  #admission(call: Call): (from?: string) => Caller {
    const { access } = this.#options;
    const token = certifiedRole(call) === undefined ? bearerIn(call.metadata) : undefined;
    if (token !== undefined) return (from) => access.admitToken(token, from);
    try {
      const { name, keyFingerprint } = requireAdmin(call);
      return (from) => access.admit(name, keyFingerprint, from);
    } catch (why) {
      access.turnedAway(hostOf(call.getPeer()), messageOf(why));
      throw why;
    }
  }

  #look(): void {
    for (const held of this.#held) {
      try {
        held.admit();
      } catch (error) {
        this.#held.delete(held);
        held.cut(error instanceof KontenaError ? error : new KontenaError('KON_INTERNAL', String(error), { cause: error }));
      }
    }
  }

  #lookLater(): void {
    const { clock } = this.#options;
    this.#callOff ??= clock.at(later(clock.now(), LOOK_EVERY_MS), () => {
      this.#callOff = undefined;
      this.#look();
      if (this.#held.size > 0) this.#lookLater();
    });
  }
}
