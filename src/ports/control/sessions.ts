import type { Instant } from '../../model/index.js';
import { type Actions, onMaster } from './actions.js';

/** Who asks, and what they may. */
export interface Who {
  readonly name: string;
  readonly as: 'user' | 'credential' | 'token' | 'master';
  /** Who says so, of a user. */
  readonly provider?: string;
  readonly endsAt?: Instant;
  readonly groups: readonly string[];
  /** With the grid where it counts; without one on the master. */
  readonly roles: readonly { readonly role: string; readonly grid?: string }[];
  /** May do everything, by no role. */
  readonly isUnbounded: boolean;
}

/** What whoever is let in may ask of their own. */
export interface SessionCalls {
  who(): Promise<Who>;
  /** The caller's session opens nothing from now on. @throws KON_INVALID for who has none */
  end(): Promise<void>;
}

export const SESSION_ACTIONS: Actions<SessionCalls> = {
  who: { action: 'session.who', isChange: false, on: onMaster },
  end: { action: 'session.end', isChange: true, on: onMaster },
};
