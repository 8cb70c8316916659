import type { Instant, Millis, NodeReading, NodeStatistics, Reading, UsagePoint } from '../model/index.js';

/** What the kernel of a node counts. It is asked for no more than it has at hand. */
export interface KernelCounts {
  /** Of the machine. */
  machine(): Promise<NodeReading>;
  /** Of a container, by the engine's id; undefined when it does not run. @param machine what it has where it has no limit of its own */
  container(id: string, machine: NodeReading): Reading | undefined;
}

/** Sends texts that nobody answers for, and of which some may be lost. */
export interface Datagrams {
  send(to: { readonly host: string; readonly port: number }, texts: readonly string[]): void;
  close(): void;
}

/** What a node said last. */
export interface NodeSaid {
  readonly at: Instant;
  readonly said: NodeStatistics;
}

/** A stretch of time, in points. */
export interface UsageHistory {
  /** How long each point lasts. */
  readonly everyMs: Millis;
  /** Oldest first; none where nothing was said. */
  readonly points: readonly UsagePoint[];
}

/** What nodes say of themselves and of what runs on them, for a day. It is weather: the history knows nothing of it. */
export interface Statistics {
  /** A node has said this, just now. */
  take(grid: string, node: string, said: NodeStatistics): void;
  /** What it said last, of those of the last day. */
  newest(grid: string, node: string): NodeSaid | undefined;
  /** How a slot, `todo/web.2`, whatever round it was in, or a node, `node/n1`, fared since a moment. */
  since(grid: string, what: string, from: Instant): UsageHistory;
}
