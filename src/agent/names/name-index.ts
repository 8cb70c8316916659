import { type Endpoint, parseInstance } from '../../model/index.js';

/** Every name in a grid ends in the grid's own and this. */
export const DOMAIN = 'kontena.local';

/** Which instances stand behind each name of a grid: kept up to date row by row, never made anew for one change. */
export class NameIndex {
  readonly #grid: string;
  readonly #rows = new Map<string, Endpoint>();
  /** Name, in small letters → instance → its row. */
  readonly #byName = new Map<string, Map<string, Endpoint>>();
  readonly #byAddress = new Map<string, Map<string, Endpoint>>();
  /** Names that others end in: they exist, too, and how many do. */
  readonly #above = new Map<string, number>();

  constructor(grid: string) {
    this.#grid = grid;
    this.#count(grid === '' ? DOMAIN : `${grid}.${DOMAIN}`, 1);
  }

  whole(rows: readonly Endpoint[]): void {
    const there = new Set(rows.map(({ instance }) => instance));
    for (const instance of [...this.#rows.keys()]) if (!there.has(instance)) this.remove(instance);
    for (const row of rows) this.put(row);
  }

  put(row: Endpoint): void {
    this.remove(row.instance);
    this.#rows.set(row.instance, row);
    for (const name of namesOf(row, this.#grid)) this.#add(name, row);
    into(this.#byAddress, row.address, row);
  }

  remove(instance: string): void {
    const row = this.#rows.get(instance);
    if (row === undefined) return;
    this.#rows.delete(instance);
    for (const name of namesOf(row, this.#grid)) this.#take(name, instance);
    outOf(this.#byAddress, row.address, instance);
  }

  /** All instances of a name, whether or not they serve. */
  behind(name: string): readonly Endpoint[] {
    return [...(this.#byName.get(name)?.values() ?? [])];
  }

  at(address: string): readonly Endpoint[] {
    return [...(this.#byAddress.get(address)?.values() ?? [])];
  }

  /** Whether there is such a name, or one that ends in it. */
  exists(name: string): boolean {
    return this.#byName.has(name) || this.#above.has(name);
  }

  #add(name: string, row: Endpoint): void {
    if (into(this.#byName, name, row)) this.#count(above(name), 1);
  }

  #take(name: string, instance: string): void {
    if (outOf(this.#byName, name, instance)) this.#count(above(name), -1);
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

/** The names of an instance: its service's and its own in its stack; those of the stack where that exposes the service; and short ones where service and stack are called the same. */
export function namesOf({ instance, isExposed }: Endpoint, grid: string): readonly string[] {
  const id = parseInstance(instance);
  if (id === undefined) return [];
  const { stack, slot } = id;
  const service = id.service.slice(stack.length + 1);
  const inGrid = `${grid}.${DOMAIN}`;
  const both = (name: string, rest: string): readonly string[] => [`${name}.${rest}`, `${name}-${slot}.${rest}`];
  const names = [
    ...both(service, `${stack}.${inGrid}`),
    ...(isExposed || service === stack ? both(stack, inGrid) : []),
    ...(service === stack ? both(service, DOMAIN) : []),
  ];
  return names.map((name) => name.toLowerCase());
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
