import { type Change, drop, earliest, type Instant, type Plan, put, type RolloutBody, type ServiceRollout } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { mustWaitFor } from './order.js';
import { type ServiceState, serviceStates, type SlotState } from './slots.js';

/**
 * Decides which revision each slot of a stack is to run now. What is new starts at once; what runs is replaced a few slots
 * at a time, and only when the services it links to have completed theirs.
 */
export function plan(stack: string, view: View, now: Instant): Plan<Change> {
  const before = view.get('Rollout', stack)?.body;
  const states = serviceStates(stack, before, view, now);
  if (states.size === 0) {
    return { steps: before === undefined ? [] : [drop('Rollout', stack, 'the stack has no services any more')] };
  }

  const moves = [...states].map(([name, state]) => moveOf(name, state, states, before));
  const services = Object.fromEntries(moves.map(({ name, after }) => [name, after]));
  const isUnderWay = moves.some(({ after }) => Object.keys(after.still).length > 0);
  const wakeAt = isUnderWay ? earliest(...[...states.values()].map(({ settlesAt }) => settlesAt)) : undefined;
  if (before !== undefined && isSameRollout(before.services, services)) return { steps: [], wakeAt };

  const ended = Object.keys(before?.services ?? {}).filter((name) => !states.has(name));
  const why = [...moves.flatMap(({ reason }) => reason ?? []), ...ended.map((name) => `${name} is no longer declared`)];
  return { steps: [put('Rollout', stack, { services }, why.join('; '))], wakeAt };
}

interface Move {
  readonly name: string;
  readonly after: ServiceRollout;
  readonly reason: string | undefined;
}

function moveOf(name: string, state: ServiceState, states: ReadonlyMap<string, ServiceState>, before: RolloutBody | undefined): Move {
  if (state.isComplete) return { name, after: { revision: state.revision, still: {} }, reason: undefined };
  const moving = mustWaitFor(state, states) === undefined ? slotsToMove(state) : [];
  const after = { revision: state.revision, still: stillAfter(state, moving) };
  return { name, after, reason: reasonFor(name, state, moving, before?.services[name]) };
}

const isBehind = (slot: SlotState): boolean => slot.still !== undefined;
const isServing = (slot: SlotState): boolean => slot.availability === 'available' && slot.isSettled;

/**
 * Those that do not serve anyway, all of them; then of those that do as many as may be missing at this moment.
 * A slot on its way counts as missing until what it moved to serves, and has settled.
 */
function slotsToMove(state: ServiceState): readonly SlotState[] {
  if (state.isHeld) return [];
  const behind = state.slots.filter(isBehind);
  const free = behind.filter(({ availability }) => availability === 'unavailable');
  const missing = state.slots.filter((slot) => !isServing(slot)).length;
  return [...free, ...behind.filter(isServing).slice(0, Math.max(0, state.mayBeMissing - missing))];
}

function stillAfter(state: ServiceState, moving: readonly SlotState[]): ServiceRollout['still'] {
  const moved = new Set(moving.map(({ slot }) => slot));
  const behind = state.slots.filter((slot) => isBehind(slot) && !moved.has(slot.slot));
  return Object.fromEntries(behind.map(({ slot, still }) => [String(slot), still as number]));
}

function reasonFor(name: string, state: ServiceState, moving: readonly SlotState[], before: ServiceRollout | undefined): string | undefined {
  if (before === undefined) return `${name} begins at revision ${state.revision}`;
  const numbers = moving.map(({ slot }) => String(slot)).join(', ');
  if (numbers !== '') return `${name}: slot ${numbers} moves to revision ${state.revision}`;
  if (before.revision !== state.revision) return `${name}: revision ${state.revision} follows ${before.revision}`;
  return Object.keys(before.still).every((slot) => state.slots.some((known) => String(known.slot) === slot)) ? undefined : `${name}: fewer slots`;
}

function isSameRollout(a: RolloutBody['services'], b: RolloutBody['services']): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => isSameService(a[name], b[name]));
}

function isSameService(a: ServiceRollout | undefined, b: ServiceRollout | undefined): boolean {
  if (a?.revision !== b?.revision) return false;
  const slots = Object.keys(a?.still ?? {});
  return slots.length === Object.keys(b?.still ?? {}).length && slots.every((slot) => a?.still[slot] === b?.still[slot]);
}
