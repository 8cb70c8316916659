import type { ReportBody, Revision } from './records.js';
import type { Restricted } from './reach.js';
import type { ServiceSpec } from './service.js';

/** Everything a node is to be, whole: never a delta. What is not in it must not be there. A section for each keeper of the agent. */
export interface Assignments extends Sections {
  /** Which cluster speaks. An agent obeys the one it joined, and no other. */
  readonly cluster: string;
  /** Raised by every restore: within a cluster, the higher epoch is obeyed. */
  readonly epoch: number;
  /** Of one epoch, an older revision is ignored. */
  readonly revision: Revision;
  readonly grid: string;
}

/** What each keeper of an agent is told. */
export interface Sections {
  readonly containers: ContainersSection;
  readonly network: NetworkSection;
  readonly names: NamesSection;
}

/** What must run. */
export interface ContainersSection {
  /** The services the instances are made from, by name of revision, `todo/web@41`; and those that soon follow, whose images are fetched ahead. */
  readonly services: Readonly<Record<string, ServiceSpec>>;
  readonly instances: readonly Assignment[];
  /** Values that the services of the instances open, by `Secret/db-password@3`. One that is not here cannot be had just now. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** The node's place in its grid's network. */
export interface NetworkSection {
  /** Of the whole grid: `10.81.0.0/16`. */
  readonly subnet: string;
  /** This node's part of it; undefined while it has none. */
  readonly lease?: string;
  /** What is wrong with its place, if anything. */
  readonly reason?: string;
  /** `eu` of its label `region=eu`. */
  readonly region?: string;
  /** The stacks with instances here that not all of the grid may reach. */
  readonly restricted: readonly Restricted[];
}

/** What the names of this node's instances mean beyond those that all know. */
export interface NamesSection {
  /** Of the services with instances here: under which aliases they know others. `{ 'todo/web': { redis: 'cache/redis' } }`. */
  readonly links: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A grid without a network: what a node is told before there is one. */
export const NO_NETWORK: Pick<Sections, 'network' | 'names'> = { network: { subnet: '', restricted: [] }, names: { links: {} } };

export interface Assignment {
  /** `todo/web.2@57`. */
  readonly name: string;
  /** `todo/web@41`, a key of `services`. */
  readonly service: string;
  readonly wanted: 'running' | 'stopped';
  /** Hooks that run once in the life of a service and that this slot has behind it: `preStart migrate`. */
  readonly hooksDone?: readonly string[];
}

/** What an agent says of one instance. `isGone`: nothing of it is left on the node. */
export interface InstanceReport {
  readonly name: string;
  readonly report: Omit<ReportBody, 'node'>;
  readonly isGone: boolean;
}

/** One line that a container wrote. */
export interface LogLine {
  readonly instance: string;
  readonly stream: 'stdout' | 'stderr';
  /** ISO 8601, as the engine stamped it. */
  readonly at: string;
  readonly line: string;
}
