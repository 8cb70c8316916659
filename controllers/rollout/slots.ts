import {
  type Availability, availabilityOf, type Awaited, awaitedOf, type Entry, groupBy, type Instant, isFailing, later, type Millis, parseInstance, reasonOfEnd, type ReportBody, type Revision,
  type ServiceRollout, serviceName, serviceRevisionName,
} from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import type { Declared, Goal } from './goal.js';

export interface SlotState {
  readonly slot: number;
  /** What this slot still runs until it moves; undefined when it is to run what all are to come to. */
  readonly still: Revision | undefined;
  /** Of what the slot is to run now. */
  readonly availability: Availability;
  /** It has served as long as the service asks before the next one moves. */
  readonly isSettled: boolean;
  /** Its balancers send to it, or it is not worth waiting for them; so it is with what is yet to move. */
  readonly isKnown: boolean;
  /** It ended or could not begin, and has not proven itself since. */
  readonly failure: Failure | undefined;
  readonly settlesAt: Instant | undefined;
  /** Until when its balancers are waited for; undefined when they are not. */
  readonly awaitedUntil: Instant | undefined;
}

export interface Failure {
  /** `todo/web.2@58`. */
  readonly instance: string;
  readonly reason: string;
}

export interface Sight {
  readonly declared: Declared;
  readonly before: ServiceRollout | undefined;
  readonly goal: Goal;
}

/** The slots of one service, in the order of their numbers. */
export function slotsOf(sight: Sight, view: View, now: Instant): readonly SlotState[] {
  const { stack, name, spec } = sight.declared;
  const bySlot = groupBy(view.instancesOf(serviceName(stack, name)), ({ body }) => body.slot);
  const numbers = spec.deploy.strategy === 'daemon' ? slotsWanted(bySlot) : Array.from({ length: spec.instances }, (_, index) => index + 1);
  const seen = numbers.map((slot) => slotState({ ...sight, slot, instances: bySlot.get(slot) ?? [] }, view, now));
  const hasMoreToLose = seen.some(({ still, availability, awaited }) => still !== undefined && availability === 'available' && awaited === undefined);
  return seen.map(({ awaited, ...slot }) => {
    const isAwaited = slot.still === undefined && awaited !== undefined && (now < awaited.until || (awaited.isDown && hasMoreToLose));
    return { ...slot, isKnown: !isAwaited, awaitedUntil: isAwaited && now < awaited.until ? awaited.until : undefined };
  });
}

/** What balancers find down is waited for as long as they send to others, which would be lost next. */
type Seen = Omit<SlotState, 'isKnown' | 'awaitedUntil'> & { readonly awaited: Awaited | undefined };

/** A daemon has as many slots as the scheduler finds nodes for it. */
const slotsWanted = (bySlot: ReadonlyMap<number, readonly Entry<'Instance'>[]>): number[] =>
  [...bySlot].filter(([, instances]) => instances.some(({ body }) => body.wanted === 'running')).map(([slot]) => slot).sort((a, b) => a - b);

interface SlotFacts extends Sight {
  readonly slot: number;
  readonly instances: readonly Entry<'Instance'>[];
}

function slotState(facts: SlotFacts, view: View, now: Instant): Seen {
  const still = revisionBehind(facts);
  const current = currentOf(facts, still);
  const report = current === undefined ? undefined : view.get('Report', current.name);
  // By the master's clock, which wrote the reading, not by the node's.
  const settlesAt = report === undefined ? undefined : later(report.updatedAt, settleMs(facts, still, report.body));
  const isSettled = settlesAt === undefined || settlesAt <= now;
  const availability = current === undefined ? 'unavailable' : availabilityIn(current, report, view);
  const hasFailed = hasEnded(report?.body) && !(availability === 'available' && isSettled);
  return {
    slot: facts.slot,
    still,
    availability,
    isSettled,
    failure: hasFailed && report !== undefined ? { instance: report.name, reason: report.body.reason ?? reasonOfEnd(report.body.exitCode) } : undefined,
    settlesAt: isSettled ? undefined : settlesAt,
    awaited: awaitedIn(current, view),
  };
}

const awaitedIn = (current: Entry<'Instance'> | undefined, view: View): Awaited | undefined => (current === undefined ? undefined : awaitedOf(view, current));

/** What runs in the slot as it should: of the right revision, and once it moved, of a round that is new enough. */
function currentOf({ goal, instances }: SlotFacts, still: Revision | undefined): Entry<'Instance'> | undefined {
  const oldest = still === undefined ? (goal.round ?? 0) : 0;
  return instances.findLast(({ name, body }) => body.revision === (still ?? goal.revision) && body.wanted === 'running' && (parseInstance(name)?.round ?? 0) >= oldest);
}

/** What ends again and again runs for a moment at each try; after so long without an end its agent calls it up, too. */
const PROVEN_MS: Millis = 10_000;

/** How long an instance must have run before it counts: what replaced another as long as is declared, what has ended before until it is proven. */
function settleMs({ declared, before }: SlotFacts, still: Revision | undefined, { restarts }: ReportBody): Millis {
  const isReplacement = still === undefined && before !== undefined && (before.complete !== undefined || Object.keys(before.still).length > 0);
  const declaredMs = isReplacement ? declared.spec.deploy.settleSeconds * 1000 : 0;
  return restarts > 0 ? Math.max(declaredMs, PROVEN_MS) : declaredMs;
}

/** Between two tries of its agent, too. */
const hasEnded = (report: ReportBody | undefined): boolean => report !== undefined && (isFailing(report) || report.restarts > 0);

const availabilityIn = ({ body }: Entry<'Instance'>, report: Entry<'Report'> | undefined, view: View): Availability =>
  availabilityOf({
    instance: body,
    report: report?.body,
    health: view.get('Health', body.node)?.body,
    spec: view.get('Service', serviceRevisionName(body.service, body.revision))?.body.spec,
  });

/** What a slot is to run until it moves; undefined when it may run what all are to come to. */
function revisionBehind({ goal, slot, before, instances }: SlotFacts): Revision | undefined {
  if (instances.length === 0) return undefined;
  const running = instances.findLast(({ body }) => body.wanted === 'running')?.body.revision;
  const assigned = before === undefined ? running : (before.still[String(slot)] ?? before.revision);
  if (assigned !== goal.revision) return assigned;
  const isOldRound = goal.round !== undefined && (before?.round !== goal.round || before.still[String(slot)] !== undefined);
  return isOldRound ? assigned : undefined;
}
