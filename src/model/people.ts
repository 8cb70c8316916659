import type { Instant } from './time.js';

/** Who says that somebody is who they say they are. `password`: the master itself. */
export const PROVIDERS = ['password'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** Name: a person's, `ada`. In the grid `default`, though it is known in all. Where people have passwords here, the hash lies sealed beside the history. */
export interface UserBody {
  readonly provider: Provider;
  readonly isDisabled: boolean;
}

/** Name: `ada/6f1d02a3b4c5`: one place where a person is signed in. In the grid `default`. */
export interface SessionBody {
  /** SHA-256 of its public key, in hex. */
  readonly keyFingerprint: string;
  /** Its key before, see `Keyed`. */
  readonly formerKey?: string;
  readonly endsAt: Instant;
  /** SHA-256 of the authority that signed its certificate, in hex. */
  readonly authority: string;
  /** The address that it was begun from. */
  readonly from: string;
  /** As the provider last said. */
  readonly groups: readonly string[];
}

/** How long a session is good without being renewed. */
export const SESSION_MS = 12 * 3_600_000;

/** What can name a person: an e-mail address can. No slash, which parts a person from their sessions. */
export const isUserName = (text: string): boolean => /^\w[\w.@+-]{0,127}$/.test(text);

const GROUP = 'group/';

/** Under which a group of a provider is a member: `group/devs`. */
export const memberOfGroup = (group: string): string => `${GROUP}${group}`;

/** The group that a member is; undefined of one that is a person's or a program's. */
export const groupOfMember = (member: string): string | undefined => (member.startsWith(GROUP) ? member.slice(GROUP.length) : undefined);

/** Whether a provider's word can be a group's name: what is printed tells it from others. */
export const isGroupName = (text: string): boolean => text.length > 0 && text.length <= 200 && !/[\u0000-\u001f\u007f-\u009f]/.test(text);

/** The sessions of a person begin with this. */
export const sessionsOf = (user: string): string => `${user}/`;
