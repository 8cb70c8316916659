import type { Random } from '../../ports/index.js';
import type { Choice } from './types.js';

/** A question to a person. */
export type Question =
  | { readonly kind: 'text'; readonly variable: string; readonly text: string; readonly default?: string; /** What is typed is not shown. */ readonly isSecret: boolean; /** What is wrong with an answer, as the end of a sentence; undefined when it will do. */ readonly wrong: (answer: string) => string | undefined }
  | { readonly kind: 'choice'; readonly variable: string; readonly text: string; readonly choices: readonly Choice[]; readonly default?: string; /** Something else may be typed. */ readonly mayBeOther: boolean }
  | { readonly kind: 'many'; readonly variable: string; readonly text: string; readonly choices: readonly Choice[] }
  | { readonly kind: 'yes-or-no'; readonly variable: string; readonly text: string; readonly default: boolean };

export type Answer = string | number | boolean | readonly string[];

/** Asks the person at the terminal; undefined is no answer. There is none in a pipe. */
export interface Prompter {
  ask(question: Question): Promise<Answer | undefined>;
}

/** What variables may ask of a cluster. Each answer is undefined or empty where there is nothing. */
export interface Cluster {
  /** A value from the vault. */
  secret(name: string): Promise<string | undefined>;
  services(): Promise<readonly { readonly name: string; readonly image: string }[]>;
  /** Of one service of an installed stack. */
  instances(stack: string, service: string): Promise<number | undefined>;
  /** Names that certificates are made out to. */
  certificates(): Promise<readonly string[]>;
  secretNames(): Promise<readonly string[]>;
}

/** Everything a variable may take its value from, outside of the file. */
export interface Outside {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly random: Random;
  /** The text of a file; undefined when it is not there. */
  readFile(path: string): Promise<string | undefined>;
  readonly prompter?: Prompter | undefined;
  readonly cluster?: Cluster | undefined;
}
