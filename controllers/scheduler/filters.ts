import { driverAt } from '../../src/model/index.js';
import type { Candidate } from './candidate.js';
import type { Demand } from './demand.js';

const MIB = 1024 * 1024;

/** Why a node may not host something, in words that follow its name ("n2 is drained"); undefined when it may. No moments in them: they are recorded. */
export type Filter = (demand: Demand, candidate: Candidate) => string | undefined;

const phase: Filter = ({ home }, { name, facts, returnsAt }) => {
  if (facts.phase !== 'online') return facts.phase === 'offline' ? 'is offline' : 'has not connected yet';
  if (!facts.isKnown) return 'has not said yet what it has';
  return returnsAt !== undefined && home !== name ? 'has only just come back' : undefined;
};

const availability: Filter = (_demand, { facts }) => (facts.isDrained ? 'is drained' : undefined);

const ephemeral: Filter = ({ isStateful, home }, { name, labels }) =>
  isStateful && home !== name && labels.some((label) => label === 'ephemeral' || label.startsWith('ephemeral=')) ? 'is ephemeral, and the service keeps data' : undefined;

const data: Filter = ({ isStateful, home }, { name }) =>
  isStateful && home !== undefined && home !== name ? `does not have its data, which is on ${home}` : undefined;

const confirmation: Filter = ({ isStateful }, { name, facts }) =>
  isStateful && facts.isUnconfirmed ? `is another machine than before: \`kontenactl node confirm ${name}\` says that the former one is gone` : undefined;

const volumes: Filter = ({ volumeDrivers }, { facts }) => {
  const missing = volumeDrivers.filter((driver) => driverAt(driver, facts.volumeDrivers) === undefined);
  return missing.length === 0 ? undefined : `lacks the volume driver ${missing.join(', ')}`;
};

const affinity: Filter = ({ rules }, candidate) => {
  const broken = rules.find((rule) => !rule.holds(candidate));
  return broken === undefined ? undefined : `does not satisfy ${broken.text}`;
};

const ports: Filter = ({ reserves }, candidate) => {
  if (reserves.ports.length === 0) return undefined;
  const taken = reserves.ports.filter((port) => candidate.hasPort(port));
  return taken.length === 0 ? undefined : `has port ${taken.map(portText).join(', ')} in use`;
};

const cpu: Filter = ({ reserves }, { cpusTaken, facts }) => {
  const free = Math.round((facts.cpus - cpusTaken) * 1000) / 1000;
  return reserves.cpus > 0 && free < reserves.cpus ? `has ${Math.max(0, free)} of ${facts.cpus} cores free, ${reserves.cpus} asked for` : undefined;
};

const memory: Filter = ({ reserves }, { memoryTaken, facts }) => {
  const free = facts.memoryBytes - memoryTaken;
  if (reserves.memoryBytes === 0 || free >= reserves.memoryBytes) return undefined;
  return `has ${Math.max(0, Math.floor(free / MIB))} of ${Math.floor(facts.memoryBytes / MIB)} MiB of memory free, ${Math.ceil(reserves.memoryBytes / MIB)} asked for`;
};

const dependency: Filter = ({ needs }, { name }) => {
  const unmet = needs.find(({ nodes }) => !nodes.has(name));
  return unmet === undefined ? undefined : `does not run ${unmet.anyOf.join(' or ')}`;
};

export interface NamedFilter {
  readonly name: string;
  readonly refusal: Filter;
  /** Whether it may refuse any node at all: most services ask for little. */
  readonly isAsked: (demand: Demand) => boolean;
  /** What nodes that it refuses do, in words that follow their number ("2 of 3 are drained"). */
  readonly summary: string;
}

/** In the order in which they are asked; the first that refuses a node is the one that is told. */
export const FILTERS: readonly NamedFilter[] = [
  { name: 'phase', refusal: phase, isAsked: () => true, summary: 'are not online' },
  { name: 'availability', refusal: availability, isAsked: () => true, summary: 'are drained' },
  { name: 'data', refusal: data, isAsked: ({ isStateful }) => isStateful, summary: 'do not have its data' },
  { name: 'confirmation', refusal: confirmation, isAsked: ({ isStateful }) => isStateful, summary: 'are other machines than before, and not confirmed' },
  { name: 'ephemeral', refusal: ephemeral, isAsked: ({ isStateful }) => isStateful, summary: 'are ephemeral' },
  { name: 'volumes', refusal: volumes, isAsked: ({ volumeDrivers }) => volumeDrivers.length > 0, summary: 'lack a volume driver' },
  { name: 'affinity', refusal: affinity, isAsked: ({ rules }) => rules.length > 0, summary: 'do not satisfy its affinity' },
  { name: 'ports', refusal: ports, isAsked: ({ reserves }) => reserves.ports.length > 0, summary: 'have its port in use' },
  { name: 'cpu', refusal: cpu, isAsked: ({ reserves }) => reserves.cpus > 0, summary: 'have too few cores free' },
  { name: 'memory', refusal: memory, isAsked: ({ reserves }) => reserves.memoryBytes > 0, summary: 'have too little memory free' },
  { name: 'dependency', refusal: dependency, isAsked: ({ needs }) => needs.length > 0, summary: 'do not run what it depends on' },
];

/** Those that look at what is left of a node, which its own instances of the service may have taken. */
export const ABOUT_ROOM: ReadonlySet<string> = new Set(['ports', 'cpu', 'memory']);

/** Who may refuse a node, for one demand. */
export const filtersFor = (demand: Demand): readonly NamedFilter[] => FILTERS.filter(({ isAsked }) => isAsked(demand));

/** The filter that refuses the node; undefined when it fits. */
export function refusedBy(demand: Demand, candidate: Candidate, filters = FILTERS): NamedFilter | undefined {
  for (const filter of filters) if (filter.refusal(demand, candidate) !== undefined) return filter;
  return undefined;
}

function portText(port: string): string {
  const [protocol, ip, number] = port.split('/') as [string, string, string];
  return ip === '0.0.0.0' ? `${number}/${protocol}` : `${ip}:${number}/${protocol}`;
}

