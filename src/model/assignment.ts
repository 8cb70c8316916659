import type { BalancerSpec, RouteSpec } from './balancing.js';
import type { ReportBody, Revision } from './records.js';
import type { Restricted } from './reach.js';
import type { ServiceSpec } from './service.js';
import type { VolumeBody } from './volumes.js';

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
  readonly balancers: BalancersSection;
  readonly answers: AnswersSection;
  readonly registry: RegistrySection;
  readonly statistics: StatisticsSection;
}

/** What must run. */
export interface ContainersSection {
  /** The services the instances are made from, by name of revision, `todo/web@41`; and those that soon follow, whose images are fetched ahead. */
  readonly services: Readonly<Record<string, ServiceSpec>>;
  readonly instances: readonly Assignment[];
  /** Values that the services of the instances open, by `Secret/db-password@3`. One that is not here cannot be had just now. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The declared volumes that these services mount, by name. */
  readonly volumes?: Readonly<Record<string, VolumeBody>>;
  /** How the registries are asked that these images come from, by host; others are asked as by everyone. */
  readonly logins?: Readonly<Record<string, RegistryLogin>>;
}

export interface RegistryLogin {
  readonly user: string;
  readonly password: string;
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

/** What the balancers on this node serve. Where the instances are reached is in the table of endpoints. */
export interface BalancersSection {
  /** Those with instances here, by service: `infra/lb`. */
  readonly balancers: Readonly<Record<string, AssignedBalancer>>;
  /** Values that they and their routes open, by `Certificate/example.com@3`. One that is not here cannot be had just now. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What an authority is answered that asks `/.well-known/acme-challenge/<token>`, by token. */
  readonly challenges: Readonly<Record<string, string>>;
}

export interface AssignedBalancer {
  readonly spec: BalancerSpec;
  /** Its instances that are to run here: `infra/lb.1@57`. */
  readonly instances: readonly string[];
  /** By name: `infra/lb:todo/web`. Those alone that are served. */
  readonly routes: Readonly<Record<string, AssignedRoute>>;
}

export interface AssignedRoute {
  /** `todo/web`. */
  readonly service: string;
  readonly spec: RouteSpec;
}

/** What this node itself answers on port 80. */
export interface AnswersSection {
  /** Who asks `/.well-known/acme-challenge/<token>`, by token. */
  readonly challenges: Readonly<Record<string, string>>;
}

/** The grid's own image registry, as this node's engine is to know it. */
export interface RegistrySection {
  /** The name that the engine reaches it by; absent where the grid has none. */
  readonly host?: string;
}

export const NO_REGISTRY: RegistrySection = {};

/** What becomes of the node's statistics beside being said to the master. */
export interface StatisticsSection {
  /** `host:port` of a statsd. */
  readonly statsd?: string;
}

export const NO_ANSWERS: AnswersSection = { challenges: {} };

export const NO_BALANCERS: BalancersSection = { balancers: {}, secrets: {}, challenges: {} };

/** A grid without a network: what a node is told before there is one. */
export const NO_NETWORK: Omit<Sections, 'containers'> = { network: { subnet: '', restricted: [] }, names: { links: {} }, balancers: NO_BALANCERS, answers: NO_ANSWERS, registry: NO_REGISTRY, statistics: {} };

export interface Assignment {
  /** `todo/web.2@57`. */
  readonly name: string;
  /** `todo/web@41`, a key of `services`. */
  readonly service: string;
  readonly wanted: 'running' | 'stopped';
  /** Hooks that run once in the life of a service and that this slot has behind it: `preStart migrate`. */
  readonly hooksDone?: readonly string[];
  /** Balancers serve it: before it is stopped they cease to send, and what is open has so many seconds to end. */
  readonly drainSeconds?: number;
}

/** What an agent says of one instance. `isGone`: nothing of it is left on the node. */
export interface InstanceReport {
  readonly name: string;
  readonly report: Omit<ReportBody, 'node'>;
  readonly isGone: boolean;
}
