import { createHash } from 'node:crypto';
import type { Changed, Clock, ListQuery, Resource, Store } from '../ports/index.js';
import { Bell, restAfter } from './bell.js';
import { homeOf, ownerMeant, type Place, placesOf } from './list.js';
import { belongs, fullName } from './names.js';
import { SHAPES } from './shapes/index.js';

interface Told {
  readonly resource: Resource;
  readonly isGone: boolean;
}

/** Resources described before input and output are let in. */
const BATCH = 200;

/**
 * First everything as in a list, then each resource again whenever it is no longer what was told, until aborted.
 * What changes faster than it is read is told once, as it is then: a slow reader costs a set of names, never a queue.
 *
 * @throws KontenaError KON_NOT_FOUND as the list does
 */
export async function* watchResources(store: Store, clock: Clock, query: ListQuery, signal: AbortSignal): AsyncGenerator<Told> {
  const watched = new Watched(store, query);
  const bell = new Bell(clock);
  const stop = store.watch((all) => {
    for (const changed of all) if (watched.notice(changed)) bell.ring();
  });
  try {
    while (!signal.aborted) {
      const began = clock.now();
      const told = watched.take(BATCH);
      const rest = restAfter(began, clock.now());
      yield* told;
      if (watched.isDue) bell.ring();
      await bell.next(signal, watched.isDue ? {} : { rest });
    }
  } finally {
    stop();
  }
}

/** What one client watches: what it was told, and what may have changed since. */
class Watched {
  readonly #store: Store;
  readonly #query: ListQuery;
  readonly #only: string | undefined;
  readonly #of: string | undefined;
  /** Digest of what was told, by place. */
  readonly #told = new Map<string, string>();
  readonly #groups = new Map<string, Set<string>>();
  readonly #due = new Map<string, Place>();

  constructor(store: Store, query: ListQuery) {
    this.#store = store;
    this.#query = query;
    this.#of = ownerMeant(query.of);
    this.#only = query.name === undefined ? undefined : fullName(query.kind, query.name, store.view(homeOf(query.kind, query.grid)));
    for (const place of placesOf(store, query)) this.#due.set(key(place), place);
  }

  /** Whether the change concerns anything watched; remembers what. */
  notice(changed: Changed): boolean {
    const { grid } = changed;
    if (this.#query.kind !== 'grid' && grid !== homeOf(this.#query.kind, this.#query.grid)) return false;
    const concerned = SHAPES[this.#query.kind].watches[changed.kind]?.(changed.name, this.#store.view(grid)) ?? [];
    const names = concerned === 'all' ? this.#allNames(grid) : concerned;
    const before = this.#due.size;
    for (const name of names) {
      this.#consider({ grid, name });
      for (const member of this.#groups.get(name) ?? []) this.#consider({ grid, name: member });
    }
    return this.#due.size > before;
  }

  get isDue(): boolean {
    return this.#due.size > 0;
  }

  /** Looks at up to so many resources that are due; those that are news are returned. */
  take(limit: number): readonly Told[] {
    const news: Told[] = [];
    let taken = 0;
    for (const [id, place] of this.#due) {
      this.#due.delete(id);
      const told = this.#tell(id, place);
      if (told !== undefined) news.push(told);
      if ((taken += 1) >= limit) break;
    }
    return news;
  }

  #allNames(grid: string): readonly string[] {
    return [...this.#told.keys()].flatMap((id) => (id.startsWith(`${grid} `) ? [id.slice(grid.length + 1)] : []));
  }

  #consider(place: Place): void {
    if (this.#only === undefined ? belongs(place.name, this.#of) : place.name === this.#only) this.#due.set(key(place), place);
  }

  #tell(id: string, { grid, name }: Place): Told | undefined {
    const resource = SHAPES[this.#query.kind].describe(this.#store.view(grid), name);
    if (resource === undefined) {
      if (!this.#told.delete(id)) return undefined;
      this.#group(name)?.delete(name);
      return { resource: gone(this.#query, { grid, name }, this.#store.revision), isGone: true };
    }
    const digest = createHash('sha1').update(JSON.stringify(resource)).digest('base64');
    if (this.#told.get(id) === digest) return undefined;
    this.#told.set(id, digest);
    this.#group(name)?.add(name);
    return { resource, isGone: false };
  }

  #group(name: string): Set<string> | undefined {
    const group = SHAPES[this.#query.kind].groupOf?.(name);
    if (group === undefined) return undefined;
    let members = this.#groups.get(group);
    if (members === undefined) this.#groups.set(group, (members = new Set()));
    return members;
  }
}

const key = ({ grid, name }: Place): string => `${grid} ${name}`;

/** What is left to say of a resource that is gone: its name, and at which revision it was missed. */
const gone = ({ kind }: ListQuery, { grid, name }: Place, revision: number): Resource => ({
  kind: `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`,
  grid,
  name,
  revision,
  createdAt: '',
  updatedAt: '',
  updatedBy: '',
  spec: {},
  status: {},
});
