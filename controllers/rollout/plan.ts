import { type Change, drop, earliest, type Instant, type Plan, put, type RolloutBody, type ServiceRollout } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { beginsAfter, mustWaitFor } from './order.js';
import { isServing, type ServiceState, serviceStates } from './service-state.js';
import type { SlotState } from './slots.js';

/**
 * Decides which revision each slot of a stack is to run now. What is new starts at once, or when the services that it links to
 * serve; what runs is replaced a few slots at a time, and only when the services it links to have completed theirs. What fails stops there, or goes back.
 */
export function plan(stack: string, view: View, now: Instant): Plan<Change> {
  const entry = view.get('Rollout', stack);
  const before = entry?.body;
  const states = serviceStates(stack, entry, view, now);
  if (states.size === 0) {
    return { steps: before === undefined ? [] : [drop('Rollout', stack, 'the stack has no services any more')] };
  }

  const waits = waitsOf(states);
  const moves = [...states.values()].filter(({ name }) => waits[name] === undefined).map((state) => moveOf(state, states, now));
  const services = Object.fromEntries(moves.map(({ name, after }) => [name, after]));
  const isUnderWay = [...states.values()].some(({ isAtRest }) => !isAtRest);
  const settlesAt = isUnderWay ? earliest(...[...states.values()].map((state) => state.settlesAt)) : undefined;
  const wakeAt = earliest(settlesAt, ...[...states.values()].map(({ renewsAt }) => renewsAt));
  const after: RolloutBody = { services, ...(Object.keys(waits).length === 0 ? {} : { waits }) };
  if (before !== undefined && isSameRollout(before, after)) return { steps: [], wakeAt };

  const told = Object.keys({ ...before?.services, ...before?.waits });
  const waiting = Object.entries(waits).filter(([name, other]) => before?.waits?.[name] !== other);
  const why = [
    ...moves.flatMap(({ reason }) => reason ?? []),
    ...waiting.map(([name, other]) => `${name} waits for ${other}`),
    ...told.filter((name) => !states.has(name)).map((name) => `${name} is no longer declared`),
  ];
  return { steps: [put('Rollout', stack, after, why.join('; '))], wakeAt };
}

/** The services that do not begin yet, and the one that each waits for. */
const waitsOf = (states: ReadonlyMap<string, ServiceState>): Readonly<Record<string, string>> =>
  Object.fromEntries([...states.values()].flatMap((state) => {
    const other = beginsAfter(state, states);
    return other === undefined ? [] : [[state.name, other]];
  }));

interface Move {
  readonly name: string;
  readonly after: ServiceRollout;
  readonly reason: string | undefined;
}

function moveOf(state: ServiceState, states: ReadonlyMap<string, ServiceState>, now: Instant): Move {
  const { name, goal, before } = state;
  if (state.isAtRest && before !== undefined) return { name, after: before, reason: undefined };
  const moving = mustWaitFor(state, states) === undefined ? slotsToMove(state) : [];
  const isComplete = moving.length === 0 && before?.revision === goal.revision && state.isProven;
  const complete = isComplete ? { revision: goal.revision, at: now } : completeOf(state, now);
  const after = present<ServiceRollout>({
    revision: goal.revision,
    still: stillAfter(state, moving),
    round: isComplete ? undefined : goal.round,
    rounds: state.rounds === 0 ? undefined : state.rounds,
    complete,
    reverted: goal.reverted,
  });
  return { name, after, reason: reasonFor(state, moving, isComplete) };
}

/** Without what is not known. */
const present = <T extends object>(body: { readonly [K in keyof T]: T[K] | undefined }): T => Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as T;

const isBehind = (slot: SlotState): boolean => slot.still !== undefined;

/**
 * Those that do not serve anyway, all of them; then of those that do as many as may be missing at this moment.
 * A slot on its way counts as missing until what it moved to serves, and has settled. After a failure nothing moves,
 * but back from it what does not serve.
 */
function slotsToMove(state: ServiceState): readonly SlotState[] {
  const behind = state.slots.filter(isBehind);
  const free = behind.filter(({ availability }) => availability === 'unavailable');
  if (state.failure !== undefined) return state.goal.reverted === undefined ? [] : free;
  const missing = state.slots.filter((slot) => !isServing(slot)).length;
  return [...free, ...behind.filter(isServing).slice(0, Math.max(0, state.mayBeMissing - missing))];
}

function stillAfter(state: ServiceState, moving: readonly SlotState[]): ServiceRollout['still'] {
  const moved = new Set(moving.map(({ slot }) => slot));
  const behind = state.slots.filter((slot) => isBehind(slot) && !moved.has(slot.slot));
  return Object.fromEntries(behind.map(({ slot, still }) => [String(slot), still as number]));
}

/**
 * The revision to go back to. When another is declared it is the one that all slots serve, or else the last that they
 * did; or else, as nothing better is known, the one that all were told to run and that did not fail. Turning back counts
 * as having come there now.
 */
function completeOf(state: ServiceState, now: Instant): ServiceRollout['complete'] {
  const { before, goal, slots } = state;
  if (before === undefined) return undefined;
  if (goal.reverted !== undefined) return state.isTurning ? { revision: goal.revision, at: now } : before.complete;
  if (before.revision === goal.revision || before.complete?.revision === before.revision || Object.keys(before.still).length > 0) return before.complete;
  const isServed = slots.length > 0 && slots.every(isServing);
  const isBestKnown = before.complete === undefined && slots.every(({ failure }) => failure === undefined);
  return isServed || isBestKnown ? { revision: before.revision, at: now } : before.complete;
}

function reasonFor(state: ServiceState, moving: readonly SlotState[], isComplete: boolean): string | undefined {
  const { name, goal, before } = state;
  if (before === undefined) return `${name} begins at revision ${goal.revision}`;
  if (isComplete) return goal.round === undefined ? `${name}: all slots serve revision ${goal.revision}` : `${name}: all slots run in a new round`;
  const why = turnOf(state);
  const numbers = moving.map(({ slot }) => String(slot)).join(', ');
  const move = numbers === '' ? undefined : `slot ${numbers} ${goal.round === undefined ? `moves to revision ${goal.revision}` : 'moves to a new round'}`;
  if (why !== undefined || move !== undefined) return `${name}: ${[why, move].filter((part) => part !== undefined).join(', ')}`;
  if (before.revision !== goal.revision) return `${name}: revision ${goal.revision} follows ${before.revision}`;
  return Object.keys(before.still).every((slot) => state.slots.some((known) => String(known.slot) === slot)) ? undefined : `${name}: fewer slots`;
}

/** Why the direction is another than it was. */
function turnOf({ goal, before, isTurning, rounds }: ServiceState): string | undefined {
  if (goal.round !== undefined && goal.round !== before?.round) return rounds === (before?.rounds ?? 0) ? 'its interval is over' : 'a round of its own was asked for';
  if (!isTurning) return undefined;
  if (goal.reverted !== undefined) return `revision ${goal.reverted.from} failed (${goal.reverted.instance}: ${goal.reverted.reason})`;
  return before?.reverted?.from === goal.revision ? 'a new attempt' : 'what failed is no longer declared';
}

function isSameRollout(a: RolloutBody, b: RolloutBody): boolean {
  const names = Object.keys(a.services);
  return names.length === Object.keys(b.services).length && names.every((name) => isSame(a.services[name], b.services[name])) && isSame(a.waits, b.waits);
}

/** Both were made here, with their keys in the same order. */
const isSame = (a: object | undefined, b: object | undefined): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
