import type { View } from '../../src/ports/index.js';
import { brokenRule } from './affinity.js';
import { mayBeMissing, revisionOf, type ServiceOrder } from './service.js';
import { current, isLost, type Member, type Slot, type Surroundings } from './slots.js';

/** Instances that are to make way, and why. */
export type Leaving = ReadonlyMap<Member, string>;

/**
 * Which running instances of wanted slots are to make way. Another revision, or a lost node, leaves no choice. From a node that
 * is drained or fits no more they move so that never more slots are missing than the service allows.
 */
export function leavingOf(slots: readonly Slot[], around: Surroundings, canMove: (slot: Slot) => boolean): Leaving {
  const { order } = around;
  const wanted = slots.filter(({ unwanted }) => unwanted === undefined);
  const leaving = new Map<Member, string>();
  for (const slot of wanted) {
    for (const member of slot.running) {
      const reason = mustLeave(member, slot, order, around.view);
      if (reason !== undefined) leaving.set(member, reason);
    }
  }
  const movable = movableOf(wanted, leaving, around, canMove);
  if (movable.length === 0) return leaving;

  const missing = wanted.filter((slot) => !isServing(current(slot, order), leaving)).length;
  let room = Math.max(0, mayBeMissing(order, wanted.length) - missing);
  for (const { member, reason } of movable) {
    if (member.availability === 'unavailable') leaving.set(member, reason);
    else if (member.availability === 'available' && room > 0) {
      leaving.set(member, reason);
      room -= 1;
    }
  }
  return leaving;
}

const isServing = (member: Member | undefined, leaving: Leaving): boolean =>
  member?.availability === 'available' && !leaving.has(member);

function mustLeave(member: Member, { slot }: Slot, order: ServiceOrder, view: View): string | undefined {
  const { revision, node } = member.instance.body;
  const toRun = revisionOf(order, slot);
  if (revision !== toRun) return `revision ${toRun} replaces ${revision}`;
  if (isLost(member)) return `${node} is offline for longer than its grace`;
  return member.isStateful && view.get('Node', node)?.body.availability === 'drain' ? `${node} is drained` : undefined;
}

interface Movable {
  readonly member: Member;
  readonly reason: string;
}

function movableOf(wanted: readonly Slot[], leaving: Leaving, around: Surroundings, canMove: (slot: Slot) => boolean): readonly Movable[] {
  return wanted.flatMap((slot) => {
    const member = current(slot, around.order);
    if (member === undefined || member.isStateful || leaving.has(member)) return [];
    const reason = isDrained(member, around.view) ?? unfit(member, slot, around, canMove);
    return reason === undefined ? [] : [{ member, reason }];
  });
}

function isDrained({ instance: { body } }: Member, view: View): string | undefined {
  return view.get('Node', body.node)?.body.availability === 'drain' ? `${body.node} is drained` : undefined;
}

/** What its node no longer satisfies; only when another node would take it, as running in a wrong place is better than not at all. */
function unfit({ instance: { body } }: Member, slot: Slot, { order, view }: Surroundings, canMove: (slot: Slot) => boolean): string | undefined {
  const node = view.get('Node', body.node)?.body;
  if (node === undefined) return undefined;
  const broken = brokenRule({ spec: order.spec, slot: body.slot }, { name: body.node, labels: node.labels }, view);
  return broken === undefined || !canMove(slot) ? undefined : `${body.node} no longer satisfies ${broken}`;
}
