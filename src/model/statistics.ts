import type { Instant, Millis } from './time.js';

/** What something has used so far. It begins anew when what it counts does. */
export interface Counters {
  /** Of one core. */
  readonly cpuSeconds: number;
  /** Absent for what is on its node's own network, where nobody tells it from the rest. */
  readonly network?: Traffic;
  readonly disk: Traffic;
}

/** In bytes: received or read, sent or written. */
export interface Traffic {
  readonly in: number;
  readonly out: number;
}

/** What something holds now. */
export interface Held {
  /** What could not be given back at once: without the files that are only kept in case they are read again. */
  readonly memoryBytes: number;
  /** What it may have at most; all of its node's where it has no limit of its own. */
  readonly memoryLimitBytes: number;
}

/** One reading of something. */
export interface Reading extends Counters, Held {}

/** How fast something uses what there is. */
export interface Rates {
  /** Cores: 1.5 is one core and half of another. */
  readonly cpus: number;
  /** Bytes a second; absent as in {@link Counters}. */
  readonly network?: Traffic;
  readonly disk: Traffic;
}

/** What something uses. Rates are the mean since the reading before; absent where there was none yet. */
export interface Usage extends Reading {
  readonly rates?: Rates;
}

/** What a machine has beside that. */
export interface NodeHeld {
  readonly cpus: number;
  /** Of the last minute, 5 minutes and 15: how many programs want to run. */
  readonly load: readonly [number, number, number];
  /** Where the engine keeps its data. */
  readonly diskBytes: number;
  readonly diskUsedBytes: number;
}

export type NodeReading = Reading & NodeHeld;
export type NodeUsage = Usage & NodeHeld;

/** What a node says of itself and of what runs on it. */
export interface NodeStatistics {
  readonly node: NodeUsage;
  /** By name: `todo/web.2@57`. */
  readonly instances: Readonly<Record<string, Usage>>;
}

/** What a reading says with the one before it, which may be of something that has begun anew since. */
export function usageOf<R extends Reading>(before: Reading | undefined, after: R, tookMs: Millis): R & Usage {
  if (before === undefined || tookMs <= 0) return after;
  const perSecond = (from: number, to: number): number => ((to >= from ? to - from : to) * 1000) / tookMs;
  const between = (from: Traffic, to: Traffic): Traffic => ({ in: perSecond(from.in, to.in), out: perSecond(from.out, to.out) });
  const network = before.network === undefined || after.network === undefined ? {} : { network: between(before.network, after.network) };
  return { ...after, rates: { cpus: perSecond(before.cpuSeconds, after.cpuSeconds), ...network, disk: between(before.disk, after.disk) } };
}

/** What was used in one stretch of time: means of what was said in it. */
export interface UsagePoint {
  /** When it began. */
  readonly at: Instant;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Bytes a second. */
  readonly network: Traffic;
  readonly disk: Traffic;
}
