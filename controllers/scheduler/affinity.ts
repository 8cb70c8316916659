import { type AffinityRule, type Entry, parseAffinity, parseServiceRevision, type ServiceSpec } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import type { Candidate } from './candidate.js';

/** An affinity rule, ready to be asked about a node. */
export interface Rule {
  /** As the user wrote it. */
  readonly text: string;
  readonly isSoft: boolean;
  /** It speaks of names and labels of nodes, not of what else runs there. */
  readonly isAboutNodes: boolean;
  holds(candidate: Candidate): boolean;
}

/** The rule of `service`, with what it says of services and containers looked up once for all nodes. */
export function rule(parsed: AffinityRule, service: string, view: View): Rule {
  const matches = matcher(parsed, service, view);
  const isAboutNodes = parsed.key === 'node' || parsed.key === 'label';
  return { text: parsed.text, isSoft: parsed.isSoft, isAboutNodes, holds: (candidate) => matches(candidate) === parsed.isEqual };
}

function matcher(parsed: AffinityRule, service: string, view: View): (candidate: Candidate) => boolean {
  switch (parsed.key) {
    case 'node':
      return ({ name }) => isValue(parsed, name);
    case 'label':
      return ({ labels }) => labels.some((label) => isValue(parsed, label));
    case 'service':
      return serviceMatcher(parsed, service, view);
    case 'container':
      return containerMatcher(parsed, view);
  }
}

const isValue = ({ pattern, value }: AffinityRule, text: string): boolean => (pattern === undefined ? text === value : pattern.test(text));

/** Its own instances are counted by the candidate, which knows of those placed a moment ago. */
function serviceMatcher(parsed: AffinityRule, own: string, view: View): (candidate: Candidate) => boolean {
  const services = servicesNamed(parsed, own, view);
  const countsItself = services.has(own);
  const nodes = new Set([...services].filter((name) => name !== own).flatMap((name) => nodesOf(view.instancesOf(name))));
  return ({ name, mine }) => nodes.has(name) || (countsItself && mine > 0);
}

/** A value or pattern without a slash means services of the own stack. */
function servicesNamed(parsed: AffinityRule, own: string, view: View): ReadonlySet<string> {
  const stack = own.slice(0, own.indexOf('/') + 1);
  const { pattern, value } = parsed;
  if (pattern === undefined) return new Set([value.includes('/') ? value : stack + value]);
  const isWhole = pattern.source.includes('/');
  const all = new Set([...view.list('Service', isWhole ? '' : stack).flatMap(({ name }) => parseServiceRevision(name)?.service ?? []), own]);
  return new Set([...all].filter((name) => pattern.test(isWhole ? name : name.slice(stack.length))));
}

/** Containers are known by `stack.service-slot`: the round, which changes with every replacement, is no part of what people name. */
function containerMatcher(parsed: AffinityRule, view: View): (candidate: Candidate) => boolean {
  const found = view.list('Instance').filter(({ body }) => isValue(parsed, `${body.service.replace('/', '.')}-${body.slot}`));
  const nodes = new Set(nodesOf(found));
  return ({ name }) => nodes.has(name);
}

const nodesOf = (instances: readonly Entry<'Instance'>[]): readonly string[] =>
  instances.filter(({ body }) => body.wanted === 'running').map(({ body }) => body.node);

/** Affinity of a service that declares none is the grid's. */
export const affinityOf = (spec: ServiceSpec, view: View): readonly string[] =>
  spec.affinity.length > 0 ? spec.affinity : (view.get('Grid', view.grid)?.body.defaultAffinity ?? []);

export const hasAffinity = (spec: ServiceSpec, view: View): boolean => affinityOf(spec, view).length > 0;

export interface Resident {
  readonly spec: ServiceSpec;
  readonly slot: number;
}

/**
 * The rule that a node no longer satisfies for what runs there already; undefined when there is none. Only what people say
 * of nodes counts, their names and labels: neighbours come and go, and following them would set everything in motion.
 */
export function brokenRule({ spec, slot }: Resident, node: { readonly name: string; readonly labels: readonly string[] }, view: View): string | undefined {
  return affinityOf(spec, view).find((text) => {
    const parsed = parseAffinity(text, slot);
    if (typeof parsed === 'string' || parsed.isSoft) return false;
    if (parsed.key === 'node') return isValue(parsed, node.name) !== parsed.isEqual;
    return parsed.key === 'label' && node.labels.some((label) => isValue(parsed, label)) !== parsed.isEqual;
  });
}
