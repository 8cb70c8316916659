import { KontenaError, later, messageOf, type Millis } from '../../model/index.js';
import type { Access, Caller, Clock, Store } from '../../ports/index.js';
import { type Call, hostOf, requireAdmin, requireAnyone } from './peer.js';

/** How often it is seen whether what is open has ended meanwhile; whether it was revoked is seen at once. */
const LOOK_EVERY_MS: Millis = 1_000;

export interface GuardOptions {
  readonly access: Access;
  readonly store: Store;
  readonly clock: Clock;
}

interface Held {
  readonly name: string;
  readonly keyFingerprint: string;
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
      if (changed.some(({ kind }) => kind === 'Credential')) this.#look();
    });
  }

  close(): void {
    this.#stop();
    this.#callOff?.();
  }

  /** @throws KON_UNAUTHENTICATED, KON_FORBIDDEN for agents */
  client(call: Call): Caller {
    const { access } = this.#options;
    const from = hostOf(call.getPeer());
    let shown: ReturnType<typeof requireAdmin>;
    try {
      shown = requireAdmin(call);
    } catch (why) {
      access.turnedAway(from, messageOf(why));
      throw why;
    }
    return access.admit(shown.name, shown.keyFingerprint, from);
  }

  /** Whoever has a certificate that counts. @throws KON_UNAUTHENTICATED */
  anyone(call: Call): void {
    if (requireAnyone(call) === 'admin') this.client(call);
  }

  /** Calls `cut` when the caller's credential is revoked or ends. Returns a function that makes it forget the call. */
  hold(call: Call, cut: Held['cut']): () => void {
    const held = { ...requireAdmin(call), cut };
    this.#held.add(held);
    this.#lookLater();
    return () => void this.#held.delete(held);
  }

  #look(): void {
    for (const held of this.#held) {
      try {
        this.#options.access.admit(held.name, held.keyFingerprint);
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
