import type { StackName } from './names.js';

/** One version of a stack. */
export interface Published {
  readonly name: StackName;
  readonly version: string;
  /** The stack file. */
  readonly text: string;
}

/** A place that keeps stack files. Every method throws KontenaError KON_REGISTRY_FAILED when the place does not answer. */
export interface StackRegistry {
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
  /** Names that hold a text, in order of name. */
  search(text: string): Promise<readonly StackName[]>;
}
