import type { Sections } from '../model/index.js';

/**
 * One matter of a node: containers, network, names. A keeper has its own section of what is assigned, its own port to the
 * machine, its own loop and its own reports; it knows no other keeper. What it needs of another's matter is given to it where
 * the agent is put together, through a port no wider than that.
 */
export interface Keeper<Section> {
  /** Begins to look at what is there. Resolves when the first look is over, or has taken too long. */
  start(): Promise<void>;
  /** This is to be so from now on. It is remembered: after a crash the same is said again. `isNews` but for what was only amended here. */
  obey(section: Section, isNews: boolean): void;
  /** Leaves what is there as it is; what is under way is finished. */
  stop(): Promise<void>;
  /** Why a section cannot be obeyed; undefined when it can. Then nothing of the assignments is. */
  refusal?(next: Section): string | undefined;
  /** `next` with what this node knows and the master may not have heard of yet. */
  completed?(next: Section, before: Section | undefined): Section;
  /** The link connects: what it brings next is news after an absence. */
  connects?(): void;
}

export type Keepers = { readonly [S in keyof Sections]?: Keeper<Sections[S]> };

/** Changes a keeper's own section by what happened here. Resolves when that is remembered and in force. */
export type Amend<Section> = (change: (section: Section) => Section) => Promise<void>;
