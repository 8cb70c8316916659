import type { StackName } from './names.js';

/** One version of a stack. */
export interface Published {
  readonly name: StackName;
  readonly version: string;
  /** The stack file. */
  readonly text: string;
}

/** A stack as a list shows it. */
export interface Listed {
  readonly name: StackName;
  /** The newest. */
  readonly version: string;
  /** What it says of itself, in one line; may be empty. */
  readonly description: string;
}

/**
 * A place that keeps stack files. Every method throws KontenaError when the place does not serve: KON_REGISTRY_UNREACHABLE,
 * KON_REGISTRY_DENIED, KON_REGISTRY_UNTRUSTED, or KON_REGISTRY_FAILED with what else it says.
 */
export interface StackRegistry {
  /** For people; without a password. */
  readonly address: string;
  /**
   * Keeps one version; the same text again is no change.
   *
   * @throws KontenaError KON_CONFLICT when the version is there with another text
   */
  push(stack: Published): Promise<void>;
  /** One version, the newest when none is named; undefined when it is not there. */
  pull(name: StackName, version: string | undefined): Promise<Published | undefined>;
  /** Newest first; none when there is no such stack. */
  versions(name: StackName): Promise<readonly string[]>;
  /** All stacks, in order of name. */
  names(): Promise<readonly StackName[]>;
  /** A stack at its newest version, got as cheaply as the place allows; undefined when it is not there. */
  summary(name: StackName): Promise<Listed | undefined>;
}

/** The text of a file that really lies in one of some folders, links followed; undefined when it is not there. @throws KontenaError when it may not be read, or is too large */
export type ReadFile = (path: string, folders: readonly string[]) => Promise<string | undefined>;

/** What a stack file says of itself, in one line; empty when it says nothing. */
export type Describe = (text: string) => Promise<string>;
