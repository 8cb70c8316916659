import { type Change, drop, earliest, type Entry, type Instant, instanceName, type Plan, put, slotNumber } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { type Decision, decide, type Stop } from './decide.js';
import { leavingOf } from './leaving.js';
import { Losses, TOGETHER_MS } from './losses.js';
import { movingReason } from './moving.js';
import { type Choice, type Opening, Pass } from './pass.js';
import { placementSteps, type Waiting } from './placement.js';
import { reasonOf } from './refusals.js';
import { bySlot, isGone, orderOf, revisionOf, type ServiceOrder, Specs } from './service.js';
import { type Slot, slotsOf, type Surroundings } from './slots.js';

type Instance = Entry<'Instance'>;

/**
 * Decides which instances of one service should exist, and where. An instance is never moved or changed: it is told to stop,
 * dropped when its agent says that nothing of it is left, and the next round of its slot is placed, on whatever node is best then.
 */
export function plan(service: string, view: View, now: Instant): Plan<Change> {
  const instances = view.instancesOf(service);
  const order = orderOf(service, view);
  if (order === 'unknown') return { steps: [] };
  if (order === undefined) return { steps: takenAway(service, instances, view) };
  if (order.isStopped) return { steps: standingStill(order, instances, view) };

  const around: Surroundings = { order, view, now, losses: new Losses(view, now), specs: new Specs(service, view) };
  const slots = slotsOf(instances, around);
  const leaving = leavingOf(slots, around, fitsElsewhere(around));
  const decisions = slots.map((slot) => decide(slot, leaving, around));
  const placed = place(decisions, around);

  return {
    steps: [
      ...drops(decisions, placed, view),
      ...[...decisions.flatMap(({ stops }) => stops), ...placed.stops].map(stopStep),
      ...placed.steps,
      ...placementSteps(service, [...placed.waiting, ...held(decisions, around), ...moving(slots, around)], view),
    ],
    wakeAt: earliest(endOfGraces(slots, around), placed.wakeAt),
  };
}

/** Nothing of the service is wanted: all stops, and is forgotten when it has. */
function takenAway(service: string, instances: readonly Instance[], view: View): readonly Change[] {
  return [
    ...instances.flatMap((instance) => {
      if (isGone(instance, view)) return [drop('Instance', instance.name, whyGone(instance, view))];
      return instance.body.wanted === 'running' ? [stopStep({ instance, why: `${service} is no longer declared` })] : [];
    }),
    ...placementSteps(service, [], view),
  ];
}

/** All of it stops. Of each slot that keeps data a record stays, which says where that is. */
function standingStill({ name, spec }: ServiceOrder, instances: readonly Instance[], view: View): readonly Change[] {
  const steps = [...bySlot(instances).values()].flatMap((rounds) => {
    const left = rounds.filter((instance) => !isGone(instance, view));
    const kept = spec.stateful && left.length === 0 ? rounds.at(-1) : undefined;
    return rounds.flatMap((instance) => {
      if (left.includes(instance)) return instance.body.wanted === 'running' ? [stopStep({ instance, why: `${name} is stopped` })] : [];
      return instance === kept ? [] : [drop('Instance', instance.name, whyGone(instance, view))];
    });
  });
  return [...steps, ...placementSteps(name, [], view)];
}

const stopStep = ({ instance, why }: Stop): Change => put('Instance', instance.name, { ...instance.body, wanted: 'stopped' }, why);

const whyGone = ({ body }: Instance, view: View): string => (view.get('Node', body.node) === undefined ? `${body.node} was removed` : 'it has stopped');

/** Records of what is gone are dropped, but for one that says where a waiting slot's data is. */
function drops(decisions: readonly Decision[], { waiting }: Placed, view: View): readonly Change[] {
  const waits = new Set(waiting.map(({ slot }) => slot));
  return decisions.flatMap(({ slot, opening }) => {
    const keepsData = opening?.isBound === true && opening.spec.stateful && waits.has(slot.slot);
    const kept = keepsData ? slot.gone.at(-1) : undefined;
    return slot.gone.filter((instance) => instance !== kept).map((instance) => drop('Instance', instance.name, whyGone(instance, view)));
  });
}

interface Placed {
  readonly steps: readonly Change[];
  readonly stops: readonly Stop[];
  readonly waiting: readonly Waiting[];
  readonly wakeAt: Instant | undefined;
}

/** Gives every opening a node, those first that can go to one only. */
function place(decisions: readonly Decision[], around: Surroundings): Placed {
  const { order, view } = around;
  const isDaemon = order.spec.deploy.strategy === 'daemon';
  const openings = decisions.filter(({ opening }) => opening !== undefined);
  if (openings.length === 0 && !isDaemon) return { steps: [], stops: [], waiting: [], wakeAt: undefined };

  const pass = new Pass({ service: order.name, view, now: around.now, kept: keptOf(decisions, isDaemon), gone: decisions.flatMap(({ slot }) => slot.gone) });
  const steps: Change[] = [];
  const stops: Stop[] = [];
  const waiting: Waiting[] = [];
  const placed = new Set<number>();
  const boundFirst = [...openings].sort((a, b) => Number(b.opening?.isBound) - Number(a.opening?.isBound));
  for (const { opening, makeRoom } of boundFirst) {
    if (opening === undefined) continue;
    const choice = pass.place(opening);
    if (choice !== undefined) {
      placed.add(opening.slot);
      steps.push(instanceStep(opening, choice, `${opening.reason}; ${choice.why}`, around));
    } else if (makeRoom.length > 0) stops.push(...makeRoom);
    else if (!isDaemon || opening.spec.stateful) waiting.push(waitingFor(opening, pass));
  }
  if (isDaemon) {
    const waits = new Set(waiting.map(({ slot }) => slot));
    const left = decisions.map(({ slot }) => slot).filter((slot) => isLeft(slot) || placed.has(slot.slot) || waits.has(slot.slot));
    fillNodes(left, pass, around, { steps, waiting });
  }
  const wakeAt = waiting.length > 0 || isDaemon ? earliest(...pass.nodes.map(({ returnsAt }) => returnsAt)) : undefined;
  return { steps, stops, waiting, wakeAt };
}

/** What counts for the spread. A daemon's slot that is on its way keeps its place on its node. */
function keptOf(decisions: readonly Decision[], isDaemon: boolean): readonly Instance[] {
  return decisions.flatMap(({ slot, kept, opening }) => {
    if (kept !== undefined) return [kept.instance];
    const last = [...slot.stopping, ...slot.running].at(-1);
    return isDaemon && slot.unwanted === undefined && opening === undefined && last !== undefined ? [last.instance] : [];
  });
}

/** What was in the slot is not all dropped by this plan. */
const isLeft = ({ running, stopping }: Slot): boolean => running.length + stopping.length > 0;

/** New slots of a daemon, beside those that are left: as long as a node that fits has fewer than its share. */
function fillNodes(left: readonly Slot[], pass: Pass, around: Surroundings, out: { readonly steps: Change[]; readonly waiting: Waiting[] }): void {
  const { order, specs } = around;
  const { taken, steps } = returning(left, pass, around);
  out.steps.push(...steps);
  const used = new Set([...left.map(({ slot }) => slot), ...taken]);
  const isAnywhere = left.some(({ unwanted }) => unwanted === undefined);
  for (let slot = 1; ; slot += 1) {
    if (used.has(slot)) continue;
    const revision = revisionOf(order, slot);
    const spec = specs.of(revision) ?? order.spec;
    const opening: Opening = { slot, revision, spec, previous: undefined, isBound: false };
    const choice = pass.place(opening);
    if (choice === undefined) {
      const missing = isAnywhere || out.steps.length > 0 ? pass.shortOf(opening) : Math.min(1, order.spec.instances);
      for (let next = slot; out.waiting.length < missing; next += 1) if (!used.has(next)) out.waiting.push(waitingFor({ ...opening, slot: next }, pass));
      return;
    }
    out.steps.push(instanceStep(opening, choice, `${choice.node} had fewer than ${order.spec.instances}; ${choice.why}`, around));
  }
}

/** Slots of a daemon that left data on nodes: they run nowhere else, and their numbers are nobody else's. */
function returning(present: readonly Slot[], pass: Pass, around: Surroundings): { readonly taken: readonly number[]; readonly steps: readonly Change[] } {
  const { order, specs, view } = around;
  const used = new Set(present.map(({ slot }) => slot));
  const left = view.list('Binding', `${order.name}.`).map(({ name, body }) => ({ slot: slotNumber(name), node: body.node })).filter(({ slot }) => !used.has(slot));
  const steps = left.flatMap(({ slot, node }) => {
    const revision = revisionOf(order, slot);
    const spec = specs.of(revision) ?? order.spec;
    const opening: Opening = { slot, revision, spec, previous: node, isBound: true };
    const choice = spec.stateful ? pass.place(opening) : undefined;
    return choice === undefined ? [] : [instanceStep(opening, choice, `slot ${slot} was empty; ${choice.why}`, around)];
  });
  return { taken: order.spec.stateful ? left.map(({ slot }) => slot) : [], steps };
}

function instanceStep({ slot, revision }: Opening, { node, demand }: Choice, why: string, { order, view }: Surroundings): Change {
  const name = instanceName(order.name, slot, view.revision + 1);
  return put('Instance', name, { service: order.name, slot, revision, node, wanted: 'running', reserves: demand.reserves }, why);
}

function waitingFor(opening: Opening, pass: Pass): Waiting {
  const { slot, previous, isBound, spec } = opening;
  const refusals = pass.refusals(opening);
  if (!isBound || previous === undefined) return { slot, reason: reasonOf(refusals, pass.nodes.length), refusals };
  const own = pass.nodes.find(({ name }) => name === previous);
  if (own === undefined && spec.stateful) {
    return { slot, reason: `its data was on ${previous}, which was removed: scale to fewer than ${slot} and back to start it empty`, refusals };
  }
  return { slot, reason: `its data is on ${previous}, which ${pass.refusalBy(opening, previous)}`, refusals };
}

/** Slots that would have moved, had not most nodes vanished at once. */
function held(decisions: readonly Decision[], { losses, view }: Surroundings): readonly Waiting[] {
  const slots = decisions.filter(({ kept }) => kept?.standing === 'held' && !kept.isStateful);
  if (slots.length === 0) return [];
  const reason = `${losses.together.size} of ${view.list('Node').length} nodes went offline within ${TOGETHER_MS / 1000} s: nothing moves until some are back or removed`;
  return slots.map(({ slot }) => ({ slot: slot.slot, reason, refusals: [] }));
}

/** Slots that wait for their data to be where they are to run. */
const moving = (slots: readonly Slot[], { order, view }: Surroundings): readonly Waiting[] =>
  slots.flatMap(({ slot, unwanted }) => {
    const reason = unwanted === undefined ? movingReason(order.name, slot, view) : undefined;
    return reason === undefined ? [] : [{ slot, reason, refusals: [] }];
  });

function endOfGraces(slots: readonly Slot[], { losses, order }: Surroundings): Instant | undefined {
  let first: Instant | undefined;
  for (const { running, stopping } of slots) {
    for (const members of [running, stopping]) {
      for (const { standing, isStateful, instance, awaitedUntil } of members) {
        first = earliest(first, awaitedUntil);
        if (standing === 'silent' && !isStateful) first = earliest(first, losses.deadline(instance.body.node, order.spec.deploy));
      }
    }
  }
  return first;
}

/** Whether some node would take a slot as it is now. */
function fitsElsewhere({ order, view, now, specs }: Surroundings): (slot: Slot) => boolean {
  let pass: Pass | undefined;
  return ({ slot }) => {
    const revision = revisionOf(order, slot);
    const spec = specs.of(revision);
    if (spec === undefined) return false;
    pass ??= new Pass({ service: order.name, view, now, kept: [], gone: [] });
    return pass.fitsSomewhere({ slot, revision, spec, previous: undefined, isBound: false });
  };
}
