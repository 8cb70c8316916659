import { DOMAIN, type Endpoint, parseInstance } from '../../model/index.js';

/** How near a name is to what it says: where two services have a claim to one, the lower rank has it, and the other has none of it. */
const RANKS = 4;
/** Names of one instance have this rank or a higher one. */
const OWN_RANK = 2;
/** Of what stands between two dots of a name (RFC 1035, 2.3.4). */
const LONGEST_LABEL = 63;

export interface RankedName {
  readonly name: string;
  readonly rank: number;
}

/** Which instances stand behind each name of a grid: kept up to date row by row, never made anew for one change. */
export class NameIndex {
  readonly #grid: string;
  readonly #rows = new Map<string, Endpoint>();
  /** By rank: name, in small letters → instance → its row. */
  readonly #byName: readonly Map<string, Map<string, Endpoint>>[] = Array.from({ length: RANKS }, () => new Map<string, Map<string, Endpoint>>());
  readonly #byAddress = new Map<string, Map<string, Endpoint>>();
  /** Names that others end in: they exist, too, and how many do. */
  readonly #above = new Map<string, number>();

  constructor(grid: string) {
    this.#grid = grid;
    this.#count(grid === '' ? DOMAIN : `${grid}.${DOMAIN}`.toLowerCase(), 1);
  }

  whole(rows: readonly Endpoint[]): void {
    const there = new Set(rows.map(({ instance }) => instance));
    for (const instance of [...this.#rows.keys()]) if (!there.has(instance)) this.remove(instance);
    for (const row of rows) this.put(row);
  }

  put(row: Endpoint): void {
    this.remove(row.instance);
    this.#rows.set(row.instance, row);
    for (const ranked of namesOf(row, this.#grid)) this.#add(ranked, row);
    into(this.#byAddress, row.address, row);
  }

  remove(instance: string): void {
    const row = this.#rows.get(instance);
    if (row === undefined) return;
    this.#rows.delete(instance);
    for (const ranked of namesOf(row, this.#grid)) this.#take(ranked, instance);
    outOf(this.#byAddress, row.address, instance);
  }

  /** All instances of a name, whether or not they serve. */
  behind(name: string): readonly Endpoint[] {
    const rows = this.#byName.find((names) => names.has(name))?.get(name);
    return rows === undefined ? [] : [...rows.values()];
  }

  at(address: string): readonly Endpoint[] {
    return [...(this.#byAddress.get(address)?.values() ?? [])];
  }

  /** Whether there is such a name, or one that ends in it. */
  exists(name: string): boolean {
    return this.#above.has(name) || this.#byName.some((names) => names.has(name));
  }

  /** `web-2.todo.GRID.kontena.local`: the name that is this instance's alone. As its service is called where it has none: it is too long, or means another. */
  nameOf(row: Endpoint): string {
    const names = namesOf(row, this.#grid);
    const own = names.find(({ name, rank }) => rank >= OWN_RANK && this.behind(name).some(({ instance }) => instance === row.instance));
    return (own ?? names[0])?.name ?? row.instance;
  }

  #add({ name, rank }: RankedName, row: Endpoint): void {
    const names = this.#byName[rank];
    if (names !== undefined && into(names, name, row)) this.#count(above(name), 1);
  }

  #take({ name, rank }: RankedName, instance: string): void {
    const names = this.#byName[rank];
    if (names !== undefined && outOf(names, name, instance)) this.#count(above(name), -1);
  }

  /** One name more, or fewer, that ends in this one and in all above it. */
  #count(name: string, by: 1 | -1): void {
    for (let at = name; at.includes('.'); at = above(at)) {
      const count = (this.#above.get(at) ?? 0) + by;
      if (count === 0) this.#above.delete(at);
      else this.#above.set(at, count);
    }
  }
}

/** `a.b.c` → `b.c`. */
const above = (name: string): string => name.slice(name.indexOf('.') + 1);

/**
 * The names of an instance: its service's and its own in its stack; those of the stack where that exposes the service; and short ones
 * where service and stack are called the same. A service that is called `web-2` comes before the second instance of `web`, and what a
 * stack exposes before a service that is called like the stack.
 */
export function namesOf({ instance, isExposed }: Endpoint, grid: string): readonly RankedName[] {
  const id = parseInstance(instance);
  if (id === undefined) return [];
  const { stack, slot } = id;
  const service = id.service.slice(stack.length + 1);
  const inGrid = `${grid}.${DOMAIN}`;
  const isCalledAlike = service === stack;
  const both = (name: string, rest: string, rank: 0 | 1): readonly RankedName[] => [
    { name: `${name}.${rest}`.toLowerCase(), rank },
    { name: `${name}-${slot}.${rest}`.toLowerCase(), rank: rank + OWN_RANK },
  ];
  const names = [
    ...both(service, `${stack}.${inGrid}`, 0),
    ...(isExposed || isCalledAlike ? both(stack, inGrid, isExposed ? 0 : 1) : []),
    ...(isCalledAlike ? both(service, DOMAIN, 1) : []),
  ];
  return names.filter(({ name }) => name.indexOf('.') <= LONGEST_LABEL); // nobody could ask for the others
}

/** Whether it is the first of its key. */
function into(index: Map<string, Map<string, Endpoint>>, key: string, row: Endpoint): boolean {
  const rows = index.get(key);
  if (rows !== undefined) rows.set(row.instance, row);
  else index.set(key, new Map([[row.instance, row]]));
  return rows === undefined;
}

/** Whether it was the last of its key. */
function outOf(index: Map<string, Map<string, Endpoint>>, key: string, instance: string): boolean {
  const rows = index.get(key);
  rows?.delete(instance);
  return rows?.size === 0 && index.delete(key);
}
