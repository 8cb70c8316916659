import { elapsedMs, type Instant, later, type Millis, type NodePhase, type Reserved, type Reserves } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';

/** Work returns to a node that was lost when it has stayed this long: what comes and goes would be filled and emptied in turn. */
export const RETURN_GRACE_MS: Millis = 20_000;

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

export interface CandidateFacts {
  readonly number: number;
  readonly labels: readonly string[];
  /** Of the label `az`; nodes without one share a zone. */
  readonly zone: string;
  readonly isDrained: boolean;
  readonly phase: NodePhase;
  /** It was lost, and has not been back long enough. */
  readonly isBackTooShortly: boolean;
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
export function returnsAt(node: string, view: View, now: Instant): Instant | undefined {
  const health = view.get('Health', node)?.body;
  if (health?.phase !== 'online' || !health.wasLost || elapsedMs(health.since, now) >= RETURN_GRACE_MS) return undefined;
  return later(health.since, RETURN_GRACE_MS);
}

/** Every node of the grid, in the order of names. */
export function candidates(view: View, now: Instant): Candidate[] {
  return view.list('Node').map(({ name, body }) => {
    const facts = view.get('Facts', name)?.body;
    return new Candidate(
      name,
      {
        number: body.number,
        labels: body.labels,
        zone: zoneOf(body.labels),
        isDrained: body.availability === 'drain',
        phase: view.get('Health', name)?.body.phase ?? 'created',
        isBackTooShortly: returnsAt(name, view, now) !== undefined,
        isKnown: facts !== undefined,
        cpus: facts?.cpus ?? 0,
        memoryBytes: facts?.memoryBytes ?? 0,
        volumeDrivers: facts?.volumeDrivers ?? [],
      },
      view.reservedOn(name),
    );
  });
}

const zoneOf = (labels: readonly string[]): string => labels.find((label) => label.startsWith('az='))?.slice(3) ?? 'default';
