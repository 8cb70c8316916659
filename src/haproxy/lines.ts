import type { ProxyFault } from '../ports/index.js';

/** Whose fault it is when HAProxy does not take a line. */
export type Owner = NonNullable<ProxyFault['of']>;

/** One line of a configuration. */
export interface Line {
  readonly text: string;
  readonly owner: Owner | undefined;
  /** It may come and go while HAProxy runs. */
  readonly isServer: boolean;
}

const INDENT = '  ';

/** A section: its head, and below it what it says. */
export const section = (head: string, body: readonly Line[], owner?: Owner): readonly Line[] => [{ text: head, owner, isServer: false }, ...body];

/** Lines below a head that are somebody's. What is undefined is left out. */
export const lines = (owner: Owner | undefined, ...texts: readonly (string | undefined)[]): readonly Line[] =>
  texts.flatMap((text) => (text?.split('\n') ?? []).map((line) => ({ text: `${INDENT}${line}`, owner, isServer: false })));

export const serverLines = (owner: Owner, texts: readonly string[]): readonly Line[] => texts.map((text) => ({ text: `${INDENT}${text}`, owner, isServer: true }));

/** A text as one word of HAProxy's language, whatever is in it. */
export const word = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Seconds as HAProxy writes them. */
export const time = (seconds: number): string => `${String(Math.round(seconds * 1000))}ms`;
