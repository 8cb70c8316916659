import { elapsedMs, type DeploySpec, type Instant, later, type Reverted, type Revision, type ServiceRollout, type ServiceSpec } from '../../src/model/index.js';

/** What a stack declares of one service now. */
export interface Declared {
  readonly stack: string;
  /** Short: `web`. */
  readonly name: string;
  readonly revision: Revision;
  readonly retries: number;
  readonly isStopped: boolean;
  readonly rounds: number;
  readonly spec: ServiceSpec;
}

/** What the slots of one service are to come to. */
export interface Goal {
  readonly revision: Revision;
  /** Instances of older rounds are replaced by their like; undefined when rounds say nothing. */
  readonly round: Revision | undefined;
  /** Why it is not what is declared; undefined when it is. */
  readonly reverted: Reverted | undefined;
}

/** @param newest revision of the store, so that the next one is a round that nothing has yet */
export function goalOf(declared: Declared, before: ServiceRollout | undefined, newest: Revision, now: Instant): Goal {
  const reverted = revertOf(declared, before);
  const revision = reverted === undefined || before === undefined ? declared.revision : before.revision;
  return { revision, round: before?.revision === revision ? roundOf(declared, before, newest, now) : undefined, reverted };
}

/** The round that was begun; a new one where that was asked for since, or the interval is over. */
function roundOf(declared: Declared, before: ServiceRollout, newest: Revision, now: Instant): Revision | undefined {
  if (declared.rounds !== (before.rounds ?? 0)) return newest + 1;
  const renewsAt = renewalOf(declared, before);
  return before.round ?? (renewsAt !== undefined && elapsedMs(renewsAt, now) >= 0 ? newest + 1 : undefined);
}

/** The failure that still counts: of this declaration, in this attempt. */
const revertOf = ({ revision, retries }: Declared, before: ServiceRollout | undefined): Reverted | undefined =>
  before?.reverted?.from === revision && before.reverted.retries === retries ? before.reverted : undefined;

/** When all instances of a service at rest are to be replaced by their like; never where they keep data. */
export function renewalOf({ spec }: Declared, { still, round, revision, complete }: ServiceRollout): Instant | undefined {
  const { intervalSeconds } = spec.deploy;
  const isAtRest = round === undefined && complete?.revision === revision && Object.keys(still).length === 0;
  return intervalSeconds === undefined || spec.stateful || !isAtRest ? undefined : later(complete.at, intervalSeconds * 1000);
}

/** Whether it must be known when all slots serve: to go back to it, or to count from then. Of others it is not worth a record. */
export const needsProof = (deploy: DeploySpec | undefined): boolean => deploy?.onFailure === 'revert' || deploy?.intervalSeconds !== undefined;
