import { elapsedMs, type Entry, type HealthBody, type Instant, later, type Millis, type NodePhase, type Reserved, type Reserves } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';

/** Work returns to a node that was lost when it has stayed this long: what comes and goes would be filled and emptied in turn. */
const RETURN_GRACE_MS: Millis = 20_000;

/** A node as a pass sees it: what it is, and what is taken of it, those placed a moment ago included. */
export class Candidate {
  cpusTaken: number;
  memoryTaken: number;
  instances: number;
  /** Instances of the service that is being placed. */
  mine = 0;
  /** Grows with whatever the order of candidates depends on. */
  version = 0;
  readonly #held: ReadonlyMap<string, number>;
  #change: Map<string, number> | undefined;

  constructor(
    readonly name: string,
    readonly facts: CandidateFacts,
    reserved: Reserved,
    /** When it may be given work again; undefined when it may already. */
    readonly returnsAt: Instant | undefined,
  ) {
    this.cpusTaken = reserved.cpus;
    this.memoryTaken = reserved.memoryBytes;
    this.instances = reserved.instances;
    this.#held = reserved.ports;
  }

  get labels(): readonly string[] {
    return this.facts.labels;
  }

  /** 0 to 1; of a node that has not said what it is, 0. */
  get memoryShare(): number {
    return this.facts.memoryBytes === 0 ? 0 : this.memoryTaken / this.facts.memoryBytes;
  }

  take(reserves: Reserves): void {
    this.mine += 1;
    this.version += 1;
    this.#add(reserves, 1);
  }

  /** What an instance that is gone held. */
  release(reserves: Reserves): void {
    this.version += 1;
    this.#add(reserves, -1);
  }

  /** Whether something there listens on `tcp/0.0.0.0/80`; `0.0.0.0` and `::` are every address. */
  hasPort(port: string): boolean {
    if (this.#held.size === 0 && this.#change === undefined) return false;
    for (const held of this.#held.keys()) if (collide(held, port) && this.#holders(held) > 0) return true;
    for (const held of this.#change?.keys() ?? []) if (collide(held, port) && this.#holders(held) > 0) return true;
    return false;
  }

  #holders(port: string): number {
    return (this.#held.get(port) ?? 0) + (this.#change?.get(port) ?? 0);
  }

  #add(reserves: Reserves, sign: 1 | -1): void {
    this.instances += sign;
    this.cpusTaken = Math.round((this.cpusTaken + sign * reserves.cpus) * 1000) / 1000;
    this.memoryTaken += sign * reserves.memoryBytes;
    for (const port of reserves.ports) {
      this.#change ??= new Map<string, number>();
      this.#change.set(port, (this.#change.get(port) ?? 0) + sign);
    }
  }
}

/** What a node is, whatever runs there. */
export interface CandidateFacts {
  readonly number: number;
  readonly labels: readonly string[];
  /** Of the label `az`; nodes without one share a zone. */
  readonly zone: string;
  readonly isDrained: boolean;
  readonly phase: NodePhase;
  readonly isKnown: boolean;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly volumeDrivers: readonly string[];
}

const ANYWHERE = new Set(['0.0.0.0', '::']);

function collide(a: string, b: string): boolean {
  if (a === b) return true;
  const [protocolA, ipA, numberA] = a.split('/') as [string, string, string];
  const [protocolB, ipB, numberB] = b.split('/') as [string, string, string];
  return protocolA === protocolB && numberA === numberB && (ANYWHERE.has(ipA) || ANYWHERE.has(ipB));
}

/** When a node that was lost may be given work again; undefined when it may already, or is not there. */
function returnsAt(health: HealthBody | undefined, now: Instant): Instant | undefined {
  if (health?.phase !== 'online' || !health.wasLost || elapsedMs(health.since, now) >= RETURN_GRACE_MS) return undefined;
  return later(health.since, RETURN_GRACE_MS);
}

/** Every node of the grid, in the order of names. */
export function candidates(view: View, now: Instant): Candidate[] {
  return view.list('Node').map((node) => {
    const health = view.get('Health', node.name);
    return new Candidate(node.name, factsOf(node, health, view.get('Facts', node.name)), view.reservedOn(node.name), returnsAt(health?.body, now));
  });
}

interface Known {
  readonly health: Entry<'Health'> | undefined;
  readonly facts: Entry<'Facts'> | undefined;
  readonly candidateFacts: CandidateFacts;
}

/** Entries are frozen and replaced when they change, so what follows from three of them need be worked out only once. */
const known = new WeakMap<Entry<'Node'>, Known>();

function factsOf(node: Entry<'Node'>, health: Entry<'Health'> | undefined, facts: Entry<'Facts'> | undefined): CandidateFacts {
  const before = known.get(node);
  if (before !== undefined && before.health === health && before.facts === facts) return before.candidateFacts;
  const { number, labels, availability } = node.body;
  const has = facts?.body ?? NOTHING_KNOWN;
  const candidateFacts: CandidateFacts = {
    number,
    labels,
    zone: zoneOf(labels),
    isDrained: availability === 'drain',
    phase: health?.body.phase ?? 'created',
    isKnown: facts !== undefined,
    cpus: has.cpus,
    memoryBytes: has.memoryBytes,
    volumeDrivers: has.volumeDrivers,
  };
  known.set(node, { health, facts, candidateFacts });
  return candidateFacts;
}

const NOTHING_KNOWN = { cpus: 0, memoryBytes: 0, volumeDrivers: [] } as const;

const zoneOf = (labels: readonly string[]): string => labels.find((label) => label.startsWith('az='))?.slice(3) ?? 'default';
