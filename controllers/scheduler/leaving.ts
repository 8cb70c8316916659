import { type Availability, parseInstance } from '../../src/model/index.js';
import { brokenRule, hasAffinity } from './affinity.js';
import { mayBeMissing, revisionOf, type ServiceOrder } from './service.js';
import { current, isLost, isServing, type Member, type Slot, type Surroundings } from './slots.js';

/** Instances that are to make way, and why. */
export type Leaving = ReadonlyMap<Member, string>;

/**
 * Which running instances of wanted slots are to make way. Another revision, a new round, or a lost node, leaves no choice. From a node that
 * is drained or fits no more they move so that never more slots are missing than the service allows.
 */
export function leavingOf(slots: readonly Slot[], around: Surroundings, canMove: (slot: Slot) => boolean): Leaving {
  const { order } = around;
  const wanted = slots.filter(({ unwanted }) => unwanted === undefined);
  const leaving = withoutChoice(wanted, order);
  const movable = wanted.flatMap((slot) => movableOf(slot, leaving, around, canMove) ?? []);
  for (const { members } of movable.filter(({ isReplaced }) => isReplaced)) for (const [member, reason] of members) leaving.set(member, reason);
  const waiting = movable.filter(({ isReplaced }) => !isReplaced);
  if (waiting.length === 0) return leaving;

  const missing = wanted.filter((slot) => !remains(current(slot, order), leaving)).length;
  let room = Math.max(0, mayBeMissing(order, wanted.length) - missing);
  for (const { members, availability } of waiting) {
    if (availability === 'unknown' || (availability === 'available' && room === 0)) continue;
    for (const [member, reason] of members) leaving.set(member, reason);
    if (availability === 'available') room -= 1;
  }
  return leaving;
}

function withoutChoice(wanted: readonly Slot[], order: ServiceOrder): Map<Member, string> {
  const leaving = new Map<Member, string>();
  for (const slot of wanted) {
    for (const member of slot.running) {
      const reason = mustLeave(member, slot, order);
      if (reason !== undefined) leaving.set(member, reason);
    }
  }
  return leaving;
}

const remains = (member: Member | undefined, leaving: Leaving): boolean =>
  member !== undefined && isServing(member) && !leaving.has(member);

function mustLeave(member: Member, { slot }: Slot, order: ServiceOrder): string | undefined {
  const { revision, node } = member.instance.body;
  const toRun = revisionOf(order, slot);
  if (revision !== toRun) return `revision ${toRun} replaces ${revision}`;
  if (order.round !== undefined && order.still[String(slot)] === undefined && (parseInstance(member.instance.name)?.round ?? 0) < order.round) return 'a new round replaces it';
  if (isLost(member)) return `${node} is offline for longer than its grace`;
  return member.isStateful && member.isOnDrained ? `${node} is drained` : undefined;
}

/** Instances of one slot that are where they should not be, with what speaks against it. */
interface Movable {
  readonly members: readonly (readonly [Member, string])[];
  /** Of the newest. */
  readonly availability: Availability;
  /** Another instance of the slot is where it should be already. */
  readonly isReplaced: boolean;
}

function movableOf(slot: Slot, leaving: Leaving, around: Surroundings, canMove: (slot: Slot) => boolean): Movable | undefined {
  const mayBeUnfit = hasAffinity(around.order.spec, around.view);
  const members: [Member, string][] = [];
  let stays = 0;
  for (const member of slot.running) {
    if (leaving.has(member)) continue;
    const { node } = member.instance.body;
    const reason = member.isOnDrained ? `${node} is drained` : mayBeUnfit ? unfit(member, slot, around, canMove) : undefined;
    if (reason === undefined || member.isStateful) stays += 1;
    else members.push([member, reason]);
  }
  const newest = members.at(-1);
  return newest === undefined ? undefined : { members, availability: newest[0].availability, isReplaced: stays > 0 };
}

/** What its node no longer satisfies; only when another node would take it, as running in a wrong place is better than not at all. */
function unfit({ instance: { body } }: Member, slot: Slot, { order, view }: Surroundings, canMove: (slot: Slot) => boolean): string | undefined {
  const node = view.get('Node', body.node)?.body;
  if (node === undefined) return undefined;
  const broken = brokenRule({ spec: order.spec, slot: body.slot }, { name: body.node, labels: node.labels }, view);
  return broken === undefined || !canMove(slot) ? undefined : `${body.node} no longer satisfies ${broken}`;
}
