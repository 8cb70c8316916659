import type { HistoryItem, Resource } from '../../ports/index.js';
import { ageOf, valueAt } from '../output/index.js';

/** What is described, and what belongs to it. */
export interface Described {
  readonly resource: Resource;
  readonly instances: readonly Resource[];
  /** Of what declares it, newest first. */
  readonly changes: readonly HistoryItem[];
  readonly nowMs: number;
}

/** What one came for: how it is, what is wrong and since when, and what happened last. */
export function summaryOf(described: Described): readonly string[] {
  const wrong = troublesOf(described);
  const last = lastOf(described);
  return [headOf(described), ...(wrong.length === 0 ? [] : ['wrong:', ...wrong.map((line) => `  ${line}`)]), ...(last === undefined ? [] : [`last: ${last}`])];
}

/** `service todo/web: degraded for 12s, 2 of 3 instances run`. */
function headOf(described: Described): string {
  const { resource } = described;
  const state = textAt(resource, 'status.state') ?? textAt(resource, 'status.phase');
  const wanted = valueAt(resource, 'status.instances.wanted');
  const [restarts, node, health] = [valueAt(resource, 'status.restarts'), textAt(resource, 'spec.node'), textAt(resource, 'status.health')];
  const parts = [
    state === undefined ? undefined : `${state}${lengthOf(described)}`,
    wanted === undefined ? undefined : `${String(valueAt(resource, 'status.instances.running'))} of ${String(wanted as number)} instances run`,
    nodesOf(resource),
    resource.kind === 'Instance' && node !== undefined ? `on ${node}` : undefined,
    health === 'none' ? undefined : health,
    typeof restarts !== 'number' || restarts === 0 ? undefined : `started again ${restarts === 1 ? 'once' : `${String(restarts)} times`}`,
  ].filter((part) => part !== undefined);
  return `${resource.kind.toLowerCase()} ${resource.name}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}

/** Of a grid: `2 of 3 nodes are online`. */
function nodesOf({ kind, status }: Resource): string | undefined {
  if (kind !== 'Grid' || !isTable(status.nodes)) return undefined;
  return `${String(status.nodes.online)} of ${String(status.nodes.total)} nodes are online`;
}

/** ` for 12s`: since when it is so, or since when what is wrong with it is. */
function lengthOf({ resource, instances, nowMs }: Described): string {
  const isWell = textAt(resource, 'status.state') === 'running';
  const since = textAt(resource, 'status.since') ?? (isWell ? undefined : instances.filter(isTroubled).map(sinceOf).sort()[0]);
  return since === undefined ? '' : ` for ${ageOf(since, nowMs)}`;
}

const sinceOf = (instance: Resource): string => textAt(instance, 'status.since') ?? instance.updatedAt;

/** It does not run, or not well. */
const isTroubled = (instance: Resource): boolean => textAt(instance, 'status.reason') !== undefined || textAt(instance, 'status.phase') === 'failed' || textAt(instance, 'status.health') === 'unhealthy';

function troublesOf({ resource, instances, nowMs }: Described): readonly string[] {
  const ofInstances = instances.filter(isTroubled).map((instance) => {
    const [node, phase, reason] = ['spec.node', 'status.phase', 'status.reason'].map((path) => textAt(instance, path));
    return `${instance.name}${node === undefined ? '' : ` on ${node}`}: ${phase ?? ''} for ${ageOf(sinceOf(instance), nowMs)}${reason === undefined ? '' : `: ${reason}`}`;
  });
  return [...ownReasons(resource).filter((reason) => !instances.some(({ name }) => reason.startsWith(`${name}: `) || reason.startsWith(`${name} is `))), ...problemsOf(resource), ...ofInstances];
}

/** What is said of the thing itself: of a stack, what is said of each of its services and of its file. */
function ownReasons(resource: Resource): readonly string[] {
  const services = valueAt(resource, 'status.services');
  const file = textAt(resource, 'status.sourceError');
  const own = isTable(services) ? Object.values(services).map((summary) => (isTable(summary) ? summary.reason : undefined)) : [valueAt(resource, 'status.reason'), valueAt(resource, 'status.network.reason')];
  return [...own.filter((reason): reason is string => typeof reason === 'string'), ...(file === undefined ? [] : [`its file: ${file}`])];
}

/** What a node lacks for its network, with what to do. */
function problemsOf(resource: Resource): readonly string[] {
  const problems = valueAt(resource, 'status.network.problems');
  return Array.isArray(problems) ? problems.filter(isTable).map(({ what, reason, remedy }) => `${String(what)}: ${String(reason)} (${String(remedy)})`) : [];
}

/** The newest of what was declared and of what became of it. */
function lastOf({ resource, instances, changes, nowMs }: Described): string | undefined {
  const newest = [...instances].sort((a, b) => sinceOf(b).localeCompare(sinceOf(a)))[0];
  const change = changes[0];
  if (newest !== undefined && (change === undefined || sinceOf(newest) > change.at)) {
    return `${newest.name} became ${textAt(newest, 'status.phase') ?? ''} ${ageOf(sinceOf(newest), nowMs)} ago`;
  }
  if (change !== undefined) return `${change.reason} by ${change.actor} ${ageOf(change.at, nowMs)} ago, at revision ${String(change.revision)}`;
  const exitCode = valueAt(resource, 'status.exitCode');
  return typeof exitCode === 'number' ? `its container ended with exit code ${String(exitCode)}` : undefined;
}

const textAt = (resource: Resource, path: string): string | undefined => {
  const value = valueAt(resource, path);
  return typeof value === 'string' && value !== '' ? value : undefined;
};

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
