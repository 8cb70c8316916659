import type { ListQuery, Resource, ResourceKind, Store } from '../ports/index.js';
import { belongs, declaredNames, fullName, isMeant, withoutKind } from './names.js';
import { notFound } from './not-found.js';
import { FIRST_GRID } from './first-grid.js';
import { requireGrid } from './require-grid.js';
import { SHAPES } from './shapes/index.js';

/** Resources described in one turn: some milliseconds' work. */
const BATCH = 200;

/** Where a resource is found: grids are resources themselves, so that a name alone does not say. */
export interface Place {
  readonly grid: string;
  readonly name: string;
}

/**
 * Each resource asked for, once, in the order of names: those that were there at the call, as they are when their turn comes.
 *
 * @throws KontenaError KON_NOT_FOUND when a name or an owner is given and nothing bears it, or the grid does not exist
 */
export async function* listResources(store: Store, query: ListQuery): AsyncGenerator<Resource> {
  const places = placesOf(store, query);
  if (places.length === 0) requireOwner(store, query);
  for (let from = 0; from < places.length; from += BATCH) {
    yield* describeAll(store, query, places.slice(from, from + BATCH));
    await Promise.resolve();
  }
}

const describeAll = (store: Store, { kind }: ListQuery, places: readonly Place[]): readonly Resource[] =>
  places.flatMap(({ grid, name }) => SHAPES[kind].describe(store.view(grid), name) ?? []);

/** @throws KontenaError KON_NOT_FOUND as {@link listResources} */
export function placesOf(store: Store, query: ListQuery): readonly Place[] {
  if (query.kind !== 'grid') return within(store, query);
  const all = [...store.grids()].sort().flatMap((grid) => SHAPES.grid.names(store.view(grid)).map((name) => ({ grid, name })));
  if (query.name === undefined) return all;
  const wanted = withoutKind('grid', query.name);
  const found = all.filter(({ name }) => name === wanted);
  if (found.length === 0) throw notFound({ what: 'grid', typed: wanted, known: all.map(({ name }) => name) });
  return found;
}

const OF_THE_MASTER: ReadonlySet<ResourceKind> = new Set(['credential', 'user', 'session', 'provider', 'role']);

/** Where records of a kind are kept: those of the master itself in the first grid. */
export const homeOf = (kind: ResourceKind, grid: string): string => (OF_THE_MASTER.has(kind) ? FIRST_GRID : grid);

function within(store: Store, { grid: asked, kind, name: typed, of }: ListQuery): readonly Place[] {
  requireGrid(store.view(asked));
  const grid = homeOf(kind, asked);
  const view = store.view(grid);
  if (typed !== undefined) {
    const name = fullName(kind, typed, view);
    if (SHAPES[kind].describe(view, name) === undefined) throw notFound({ what: kind, typed, grid, known: SHAPES[kind].names(view) });
    return [{ grid, name }];
  }
  const owner = ownerMeant(of);
  return SHAPES[kind].names(view).flatMap((name) => (belongs(name, owner) ? [{ grid, name }] : []));
}

/** What belongs to a misspelt name is not nothing. */
function requireOwner(store: Store, { grid, of }: ListQuery): void {
  const owner = ownerMeant(of);
  const view = store.view(grid);
  if (owner === undefined || isMeant(owner, view)) return;
  throw notFound({ what: owner.includes('/') ? 'service' : 'stack', typed: owner, grid, known: declaredNames(view) });
}

/** `stack/todo` → `todo`, `service/todo/web` → `todo/web`. */
export const ownerMeant = (of: string | undefined): string | undefined => (of === undefined ? undefined : withoutKind('stack', withoutKind('service', of)));
