import type { Strategy } from '../../src/model/index.js';
import type { Candidate } from './candidate.js';
import { Heap } from './heap.js';

/** The nodes that fit a slot, from which it is given the best. What is taken of a node between two picks is noticed. */
export interface Pool {
  /** How many nodes fitted in the beginning. */
  readonly size: number;
  /** The best node for an instance; `previous` is where its slot ran before, and wins where nothing better is known. */
  pick(instance: string, previous: Candidate | undefined): Candidate | undefined;
  /** An instance of the service was placed there, from this pool or another. */
  took(candidate: Candidate): void;
}

export interface PoolOptions {
  readonly strategy: Strategy;
  readonly candidates: readonly Candidate[];
  /** Asked again of a node of which something was taken. */
  readonly fits: (candidate: Candidate) => boolean;
  /** Nodes over whose zones the service is spread: those that it may use, full or not. */
  readonly spreadOver: readonly Candidate[];
}

export function pool(options: PoolOptions): Pool {
  switch (options.strategy) {
    case 'ha':
      return new OrderedPool(options, ({ facts }) => facts.zone);
    case 'daemon':
      return new OrderedPool(options, () => '');
    case 'random':
      return new RandomPool(options);
  }
}

/** What the order of a candidate depends on, as it was at `version`. */
interface Ranked {
  readonly candidate: Candidate;
  readonly version: number;
  readonly mine: number;
  readonly share: number;
  readonly instances: number;
}

/**
 * Spreads over zones, then over nodes, then goes where least memory is reserved, then where fewest instances are.
 * A candidate only ever falls in rank within a pass, so an entry that is out of date stands too early in its heap
 * and is found and put right before it is used: a pick costs the number of zones and a logarithm, not the number of nodes.
 */
class OrderedPool implements Pool {
  readonly size: number;
  readonly #options: PoolOptions;
  readonly #heaps = new Map<string, Heap<Ranked>>();
  /** Instances of the service in each zone. */
  readonly #inZones = new Map<string, number>();
  readonly #zoneOf: (candidate: Candidate) => string;

  constructor(options: PoolOptions, zoneOf: (candidate: Candidate) => string) {
    this.#options = options;
    this.#zoneOf = zoneOf;
    for (const candidate of options.spreadOver) if (candidate.mine > 0) this.#count(candidate, candidate.mine);
    this.size = options.candidates.length;
    const zones = new Map<string, Ranked[]>();
    for (const candidate of options.candidates) {
      const zone = zones.get(zoneOf(candidate));
      if (zone === undefined) zones.set(zoneOf(candidate), [ranked(candidate)]);
      else zone.push(ranked(candidate));
    }
    const isBefore = options.strategy === 'daemon' ? isBeforeByNumber : isBeforeByRoom;
    for (const [zone, items] of zones) this.#heaps.set(zone, new Heap(isBefore, items));
  }

  pick(_instance: string, previous: Candidate | undefined): Candidate | undefined {
    const best = this.#best();
    if (best === undefined || previous === undefined) return best;
    return this.#mayReturn(previous, best) && this.#options.fits(previous) ? previous : best;
  }

  took(candidate: Candidate): void {
    this.#count(candidate, 1);
  }

  #count(candidate: Candidate, instances: number): void {
    const zone = this.#zoneOf(candidate);
    this.#inZones.set(zone, (this.#inZones.get(zone) ?? 0) + instances);
  }

  #best(): Candidate | undefined {
    let best: Ranked | undefined;
    let fewest = Infinity;
    for (const [zone, heap] of this.#heaps) {
      const top = this.#freshTop(heap);
      const count = this.#inZones.get(zone) ?? 0;
      if (top === undefined || count > fewest) continue;
      if (best !== undefined && count === fewest && !isBeforeByRoom(top, best)) continue;
      best = top;
      fewest = count;
    }
    return best?.candidate;
  }

  /** A slot goes back to its node unless that makes the spread worse. A daemon's node is its own. */
  #mayReturn(previous: Candidate, best: Candidate): boolean {
    if (!this.#options.candidates.includes(previous)) return false;
    return this.#options.strategy === 'daemon' || (previous.mine === best.mine && this.#inZoneOf(previous) === this.#inZoneOf(best));
  }

  #inZoneOf(candidate: Candidate): number {
    return this.#inZones.get(this.#zoneOf(candidate)) ?? 0;
  }

  #freshTop(heap: Heap<Ranked>): Ranked | undefined {
    for (let top = heap.peek(); top !== undefined; top = heap.peek()) {
      if (top.version === top.candidate.version) return top;
      heap.pop();
      if (this.#options.fits(top.candidate)) heap.push(ranked(top.candidate));
    }
    return undefined;
  }
}

const ranked = (candidate: Candidate): Ranked => ({
  candidate, version: candidate.version, mine: candidate.mine, share: candidate.memoryShare, instances: candidate.instances,
});

function isBeforeByRoom(a: Ranked, b: Ranked): boolean {
  if (a.mine !== b.mine) return a.mine < b.mine;
  if (a.share !== b.share) return a.share < b.share;
  if (a.instances !== b.instances) return a.instances < b.instances;
  return a.candidate.facts.number < b.candidate.facts.number;
}

function isBeforeByNumber(a: Ranked, b: Ranked): boolean {
  if (a.mine !== b.mine) return a.mine < b.mine;
  return a.candidate.facts.number < b.candidate.facts.number;
}

/** Any node that fits, by the name of the instance: chance would make equal states give different plans. */
class RandomPool implements Pool {
  readonly size: number;
  readonly #options: PoolOptions;
  readonly #left: Candidate[];

  constructor(options: PoolOptions) {
    this.#options = options;
    this.size = options.candidates.length;
    this.#left = [...options.candidates];
  }

  pick(instance: string, previous: Candidate | undefined): Candidate | undefined {
    if (previous !== undefined && this.#left.includes(previous) && this.#options.fits(previous)) return previous;
    while (this.#left.length > 0) {
      const index = hash(instance) % this.#left.length;
      const candidate = this.#left[index] as Candidate;
      if (this.#options.fits(candidate)) return candidate;
      this.#left.splice(index, 1);
    }
    return undefined;
  }

  took(_candidate: Candidate): void {
    // Nothing here depends on how many there are.
  }
}

/** FNV-1a, 32 bits, with a last stir: names that differ in one digit must not fall side by side. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
