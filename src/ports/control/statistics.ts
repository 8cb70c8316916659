import type { Millis, NodeUsage, Usage, UsagePoint } from '../../model/index.js';

/** Of what, and since when. */
export interface StatisticsQuery {
  /** An instance, a service or a stack; or a node. All when absent. */
  readonly name?: string;
  /** How they fared since this moment, too; ISO 8601. */
  readonly since?: string;
}

/** How old what is said is, and how it was before. */
export interface Fared {
  /** When its node said so, ISO 8601; absent when it did not. */
  readonly at?: string;
  readonly ageMs?: Millis;
  /** Why it may no longer be so, in a sentence. */
  readonly silence?: string;
  /** Where it was asked for: oldest first, a point for each stretch of so long. */
  readonly history?: { readonly everyMs: Millis; readonly points: readonly UsagePoint[] };
}

/** What an instance uses; no usage where nothing was said of it yet. */
export interface InstanceStatistics extends Fared {
  readonly name: string;
  readonly node: string;
  readonly usage?: Usage;
}

/** What a node uses, with all that runs on it. */
export interface StatisticsOfNode extends Fared {
  readonly name: string;
  readonly usage?: NodeUsage;
}
