import type { Control } from '../ports/index.js';
import type { Chosen } from './context/index.js';
import type { Host } from './host.js';
import type { Colours } from './output/index.js';

/** One run of a command, as functions see it that do a part of its work: the machine, the master, and what is said. */
export interface Run {
  readonly host: Host;
  /** The name of this program, for what is proposed to be typed. */
  readonly config: { readonly bin: string };
  /** Of stdout. */
  readonly colours: Colours;
  /** Texts of the stack files that were read, by name: mistakes are shown in them. */
  readonly sources: Map<string, string>;
  /** One line on stdout. */
  print(...lines: readonly string[]): void;
  /** One line on stderr: what is not the answer itself. */
  note(...lines: readonly string[]): void;
  printJson(data: unknown): Promise<void>;
  /** The context of this run. @throws KontenaError KON_CONTEXT_MISSING, KON_CONTEXT_INVALID */
  chosen(): Promise<Chosen>;
  /** The master of the chosen context, and the grid. */
  master(): Promise<OpenGrid>;
}

/** A grid, and the way to its master. */
export interface OpenGrid {
  readonly control: Control;
  readonly grid: string;
}
