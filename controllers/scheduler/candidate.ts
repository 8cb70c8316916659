import {
  elapsedMs, type Entry, type FactsBody, type HealthBody, type Instant, later, type Millis, type NodeBody, type NodePhase, type Reserved, type Reserves,
} from '../../src/model/index.js';
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
  /** Another machine has its name than before, and nobody has said that the former one is gone. */
  readonly isUnconfirmed: boolean;
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
  return standing(view).map(({ name, facts, health }) => new Candidate(name, facts, view.reservedOn(name), returnsAt(health, now)));
}

interface Standing {
  readonly name: string;
  readonly facts: CandidateFacts;
  readonly health: HealthBody | undefined;
}

interface Known {
  readonly healths: readonly Entry<'Health'>[];
  readonly facts: readonly Entry<'Facts'>[];
  readonly standing: readonly Standing[];
}

/** Lists are the same as long as their records are, so what follows from three of them is worked out once for all services. */
const known = new WeakMap<readonly Entry<'Node'>[], Known>();

function standing(view: View): readonly Standing[] {
  const nodes = view.list('Node');
  const healths = view.list('Health');
  const facts = view.list('Facts');
  const before = known.get(nodes);
  if (before !== undefined && before.healths === healths && before.facts === facts) return before.standing;
  const standing = nodes.map((node) => {
    const health = view.get('Health', node.name)?.body;
    return { name: node.name, facts: factsOf(node.body, health, view.get('Facts', node.name)?.body), health };
  });
  known.set(nodes, { healths, facts, standing });
  return standing;
}

function factsOf({ number, labels, availability, isUnconfirmed }: NodeBody, health: HealthBody | undefined, facts: FactsBody | undefined): CandidateFacts {
  const { cpus, memoryBytes, volumeDrivers } = facts ?? NOTHING_KNOWN;
  return {
    number,
    labels,
    zone: zoneOf(labels),
    isDrained: availability === 'drain',
    isUnconfirmed: isUnconfirmed === true,
    phase: health?.phase ?? 'created',
    isKnown: facts !== undefined,
    cpus,
    memoryBytes,
    volumeDrivers,
  };
}

const NOTHING_KNOWN = { cpus: 0, memoryBytes: 0, volumeDrivers: [] } as const;

const zoneOf = (labels: readonly string[]): string => labels.find((label) => label.startsWith('az='))?.slice(3) ?? 'default';
