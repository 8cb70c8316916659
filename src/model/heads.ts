import type { Entry } from './entry.js';
import { parseInstance } from './names.js';
import type { Kind, Reserves, Revision } from './records.js';

/** What the instances on a node take of it together. Stopped instances count until they are gone: they still hold what they have. */
export interface Reserved {
  readonly cpus: number;
  readonly memoryBytes: number;
  /** `tcp/0.0.0.0/80` → number of instances that hold it. */
  readonly ports: ReadonlyMap<string, number>;
  readonly instances: number;
}

const NOTHING: Reserved = { cpus: 0, memoryBytes: 0, ports: new Map(), instances: 0 };

/** The records of one grid as functions of the model look at them: a View is such. */
export type Records = Pick<Heads, 'get' | 'list' | 'instancesOf' | 'instancesOn'>;

/**
 * The newest record of each name of one grid, in memory, with the indexes that keep a plan's cost apart
 * from the size of the grid. Used by the store and by tests alike, so that both answer the same.
 */
export class Heads {
  readonly #kinds = new Map<Kind, Names>();
  readonly #byService = new Groups();
  readonly #byNode = new Groups();
  readonly #reserved = new Map<string, MutableReserved>();
  revision: Revision = 0;

  get<K extends Kind>(kind: K, name: string): Entry<K> | undefined {
    return this.#kinds.get(kind)?.get(name) as Entry<K> | undefined;
  }

  /** Records of `kind` whose name begins with `prefix`, in the order of their names. */
  list<K extends Kind>(kind: K, prefix = ''): readonly Entry<K>[] {
    return this.#kinds.get(kind)?.withPrefix<K>(prefix) ?? [];
  }

  instancesOf(service: string): readonly Entry<'Instance'>[] {
    return this.#byService.get(service);
  }

  instancesOn(node: string): readonly Entry<'Instance'>[] {
    return this.#byNode.get(node);
  }

  reservedOn(node: string): Reserved {
    return this.#reserved.get(node) ?? NOTHING;
  }

  get isEmpty(): boolean {
    for (const names of this.#kinds.values()) if (names.size > 0) return false;
    return true;
  }

  put(entry: Entry): void {
    const names = this.#names(entry.kind);
    const before = names.get(entry.name);
    if (before !== undefined) this.#unindex(before);
    names.put(entry);
    this.#index(entry);
  }

  drop(kind: Kind, name: string): void {
    const names = this.#names(kind);
    const before = names.get(name);
    if (before === undefined) return;
    this.#unindex(before);
    names.drop(name);
  }

  /** Some of the records, to be changed apart from these. */
  copy(isWanted: (entry: Entry) => boolean): Heads {
    const copy = new Heads();
    for (const names of this.#kinds.values()) for (const entry of names.withPrefix('')) if (isWanted(entry)) copy.put(entry);
    return copy;
  }

  #names(kind: Kind): Names {
    let names = this.#kinds.get(kind);
    if (names === undefined) this.#kinds.set(kind, (names = new Names()));
    return names;
  }

  #index(entry: Entry): void {
    if (entry.kind !== 'Instance') return;
    this.#byService.add(entry.body.service, entry);
    this.#byNode.add(entry.body.node, entry);
    let reserved = this.#reserved.get(entry.body.node);
    if (reserved === undefined) this.#reserved.set(entry.body.node, (reserved = new MutableReserved()));
    reserved.add(entry.body.reserves, 1);
  }

  #unindex(entry: Entry): void {
    if (entry.kind !== 'Instance') return;
    this.#byService.remove(entry.body.service, entry);
    this.#byNode.remove(entry.body.node, entry);
    const reserved = this.#reserved.get(entry.body.node);
    reserved?.add(entry.body.reserves, -1);
    if (reserved?.instances === 0) this.#reserved.delete(entry.body.node);
  }
}

class MutableReserved implements Reserved {
  cpus = 0;
  memoryBytes = 0;
  instances = 0;
  readonly ports = new Map<string, number>();

  add(reserves: Reserves, sign: 1 | -1): void {
    this.instances += sign;
    // Sums of fractions drift; a thousandth of a core is as fine as anyone declares.
    this.cpus = Math.round((this.cpus + sign * reserves.cpus) * 1000) / 1000;
    this.memoryBytes += sign * reserves.memoryBytes;
    for (const port of reserves.ports) {
      const holders = (this.ports.get(port) ?? 0) + sign;
      if (holders === 0) this.ports.delete(port);
      else this.ports.set(port, holders);
    }
  }
}

/**
 * Up to so many new names are put in their places one by one, each moving those behind it; more are sorted in, all at once.
 * With 10,000 names one place costs 5 µs, a sort 1 ms.
 */
const FEW = 100;

/** Entries by name, with the names kept in order for lists by prefix. New names are put in order when a list is next asked for. */
class Names {
  readonly #entries = new Map<string, Entry>();
  readonly #sorted: string[] = [];
  #fresh: string[] = [];
  /** The last list of all, until a record changes: the same list means the same records. */
  #all: readonly Entry[] | undefined;

  get size(): number {
    return this.#entries.size;
  }

  get(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  put(entry: Entry): void {
    if (!this.#entries.has(entry.name)) this.#fresh.push(entry.name);
    this.#entries.set(entry.name, entry);
    this.#all = undefined;
  }

  drop(name: string): void {
    if (!this.#entries.delete(name)) return;
    this.#sort();
    this.#sorted.splice(lowerBound(this.#sorted, name), 1);
    this.#all = undefined;
  }

  withPrefix<K extends Kind>(prefix: string): readonly Entry<K>[] {
    if (prefix !== '') return this.#from<K>(prefix);
    return (this.#all ??= this.#from(prefix)) as readonly Entry<K>[];
  }

  #from<K extends Kind>(prefix: string): readonly Entry<K>[] {
    this.#sort();
    const found: Entry<K>[] = [];
    for (let i = lowerBound(this.#sorted, prefix); i < this.#sorted.length; i += 1) {
      const name = this.#sorted[i] as string;
      if (!name.startsWith(prefix)) break;
      found.push(this.#entries.get(name) as Entry<K>);
    }
    return found;
  }

  #sort(): void {
    if (this.#fresh.length === 0) return;
    if (this.#fresh.length <= FEW) {
      for (const name of this.#fresh) this.#sorted.splice(lowerBound(this.#sorted, name), 0, name);
    } else {
      for (const name of this.#fresh) this.#sorted.push(name);
      this.#sorted.sort((a, b) => (a < b ? -1 : 1));
    }
    this.#fresh = [];
  }
}

/** Index of the first element that is not below `name`. */
function lowerBound(sorted: readonly string[], name: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as string) < name) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Instances by some key, each group in order of slot and round. */
class Groups {
  readonly #groups = new Map<string, Map<string, Entry<'Instance'>>>();
  readonly #lists = new Map<string, readonly Entry<'Instance'>[]>();

  get(key: string): readonly Entry<'Instance'>[] {
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const group = this.#groups.get(key);
    if (group === undefined) return [];
    const list = [...group.values()].sort(bySlotAndRound);
    this.#lists.set(key, list);
    return list;
  }

  add(key: string, entry: Entry<'Instance'>): void {
    let group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, (group = new Map<string, Entry<'Instance'>>()));
    group.set(entry.name, entry);
    this.#lists.delete(key);
  }

  remove(key: string, entry: Entry<'Instance'>): void {
    const group = this.#groups.get(key);
    group?.delete(entry.name);
    if (group?.size === 0) this.#groups.delete(key);
    this.#lists.delete(key);
  }
}

function bySlotAndRound(a: Entry<'Instance'>, b: Entry<'Instance'>): number {
  if (a.body.service !== b.body.service) return a.body.service < b.body.service ? -1 : 1;
  if (a.body.slot !== b.body.slot) return a.body.slot - b.body.slot;
  return (parseInstance(a.name)?.round ?? 0) - (parseInstance(b.name)?.round ?? 0);
}
