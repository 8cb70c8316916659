import type { Revision } from '../../model/index.js';
import type { Actions, Target } from './actions.js';
import type { ResourceKind } from './kinds.js';

/** A record as people see it: what was declared, and what is. Also the JSON of `-o json`. */
export interface Resource {
  /** `Node`, `Stack`, `Service`, `Instance`, … */
  readonly kind: string;
  readonly grid: string;
  readonly name: string;
  readonly revision: Revision;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status: Readonly<Record<string, unknown>>;
}

export interface ListQuery {
  readonly grid: string;
  readonly kind: ResourceKind;
  /** Exact name, or a short one that means only one thing (`todo` for service `todo/todo` does not; `n1` for node `n1` does). */
  readonly name?: string;
  /** Only what belongs to this stack, `todo`, or service, `todo/web`. */
  readonly of?: string;
}

export interface HistoryItem {
  readonly revision: Revision;
  readonly at: string;
  readonly actor: string;
  readonly action: 'create' | 'update' | 'delete';
  readonly reason: string;
  readonly spec: Readonly<Record<string, unknown>> | undefined;
}

/** What may be asked of every kind alike. */
export interface ResourceCalls {
  /** Each resource once, in the order of names. @throws KON_NOT_FOUND when a name is given and nothing bears it */
  list(query: ListQuery): AsyncIterable<Resource>;
  /** First everything as in `list`, then each resource again whenever it changes; `undefined` status means it is gone. Until aborted. */
  watch(query: ListQuery, signal: AbortSignal): AsyncIterable<{ readonly resource: Resource; readonly isGone: boolean }>;
  /** Newest first. */
  history(grid: string, kind: ResourceKind, name: string): AsyncIterable<HistoryItem>;
  /** Removes a grid, stack, node, token, secret, certificate or volume (not its data); revokes a credential. @throws KON_NOT_FOUND, KON_CONFLICT */
  remove(grid: string, kind: ResourceKind, name: string): Promise<{ readonly revision: Revision }>;
}

/** Where what is listed lies: grids are looked at one by one, credentials, users and roles are the master's. */
function onListed({ grid, kind, name, of }: ListQuery): Target {
  if (kind === 'grid' && name === undefined) return { isEach: true };
  return name === undefined ? { ...onOne(grid, kind, ''), ...(of === undefined ? {} : { kind: 'any', name: of }) } : onOne(grid, kind, name);
}

/** Kinds that no grid has to itself. */
const OF_THE_MASTER: ReadonlySet<ResourceKind> = new Set(['credential', 'user', 'session', 'provider', 'role']);

function onOne(grid: string, kind: ResourceKind, name: string): Target {
  if (OF_THE_MASTER.has(kind)) return name === '' ? {} : { name };
  if (kind === 'grid') return { grid: name.replace(/^grid\//, '') };
  return { grid, kind, ...(name === '' ? {} : { name }) };
}

export const RESOURCE_ACTIONS: Actions<ResourceCalls> = {
  list: { action: ({ kind }) => `${kind}.list`, isChange: false, on: onListed },
  watch: { action: ({ kind }) => `${kind}.watch`, isChange: false, on: onListed },
  history: { action: (_grid, kind) => `${kind}.history`, isChange: false, on: onOne },
  remove: { action: (_grid, kind) => `${kind}.remove`, isChange: true, on: onOne },
};
