/** A program that is begun in a running container, and whoever speaks with it. */
export interface ProgramCall {
  /** Its words; no shell sees them. */
  readonly command: readonly string[];
  /** Something is written to it: its input stays open until it is ended. */
  readonly hasInput: boolean;
  /** It is given a terminal of this size, where stdout and stderr are one. */
  readonly terminal?: TerminalSize;
  /** `name` or `uid:gid`; the container's own when absent. */
  readonly user?: string;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What may be sent to a program from outside. */
export const SIGNALS = ['HUP', 'INT', 'QUIT', 'TERM', 'KILL', 'USR1', 'USR2'] as const;

export type Signal = (typeof SIGNALS)[number];

/** What goes to a program. */
export type ProgramInput =
  | { readonly kind: 'input'; readonly bytes: Uint8Array }
  /** Nothing more is written to it; all else may still come. */
  | { readonly kind: 'inputEnd' }
  | ({ readonly kind: 'resize' } & TerminalSize)
  | { readonly kind: 'signal'; readonly signal: Signal };

/** What comes from a program; its exit code comes last. */
export type ProgramOutput =
  | { readonly kind: 'output'; readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array }
  | { readonly kind: 'exit'; readonly code: number };

/** As shells count them: a program that is there and cannot be begun, and one that is not there. */
export const NOT_EXECUTABLE = 126;
export const NO_SUCH_PROGRAM = 127;

/** What lies at a path of a container. */
export interface PathInfo {
  readonly kind: 'file' | 'directory' | 'link' | 'other' | 'missing';
  /** Where a link leads. */
  readonly target?: string;
}
