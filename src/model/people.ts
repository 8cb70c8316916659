import type { Instant } from './time.js';

/** Who says that somebody is who they say they are. `password`: the master itself. */
export type Provider = 'password' | 'oidc' | 'ldap';

/** Name: `oidc`. How a provider of OpenID Connect is asked; what it knows the master by lies sealed beside the history. */
export interface OidcBody {
  readonly kind: 'oidc';
  readonly issuer: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Whose value is the user's name, */
  readonly userClaim: string;
  /** and whose are the groups. */
  readonly groupsClaim: string;
}

/** Name: `ldap`. How a directory is asked. */
export interface LdapBody {
  readonly kind: 'ldap';
  /** `ldaps://…`, or `ldap://…`, which becomes TLS before anything is said. */
  readonly url: string;
  /** Whom the directory is to trust, PEM; those of the machine when absent. */
  readonly ca?: string;
  /** As whom it is searched; as nobody when absent. */
  readonly bindDn?: string;
  readonly userBase: string;
  /** Whose value is the user's name. */
  readonly userAttribute: string;
  readonly groupBase?: string;
  /** Whose value is a group's name. */
  readonly groupAttribute: string;
}

export type ProviderBody = OidcBody | LdapBody;

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

/** What a program may that shows the token, and how it does. */
export interface RobotBody {
  /** In the token's grid; on the master where the role is one of its own. */
  readonly role: string;
  /** SHA-256 of the authority that the token names, in hex: it is trusted no longer than that. */
  readonly authority: string;
  /** When it was last used, to the hour. */
  readonly usedAt?: Instant;
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
