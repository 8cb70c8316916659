import { type Entry, parseInstance, type ServiceSpec } from '../../src/model/index.js';
import { homeOf } from './home.js';
import type { Leaving } from './leaving.js';
import { movingReason } from './moving.js';
import type { Opening } from './pass.js';
import { revisionOf } from './service.js';
import { isLost, isServing, type Member, type Slot, type Surroundings } from './slots.js';

type Instance = Entry<'Instance'>;

/** What is to be done about one slot. */
export interface Decision {
  readonly slot: Slot;
  /** What stays in it. */
  readonly kept: Member | undefined;
  readonly stops: readonly Stop[];
  readonly opening: (Opening & { readonly reason: string }) | undefined;
  /** To stop when the opening finds no node: the next instance was to start beside them. */
  readonly makeRoom: readonly Stop[];
}

export interface Stop {
  readonly instance: Instance;
  readonly why: string;
}

/** Decides about one slot: what stops, and whether its next instance is to be placed now. */
export function decide(slot: Slot, leaving: Leaving, around: Surroundings): Decision {
  const { order } = around;
  const { unwanted } = slot;
  const still = unwanted ?? movingReason(order.name, slot.slot, around.view);
  if (still !== undefined) return decision(slot, { stops: slot.running.map((member) => stop(member, still)) });

  const kept = slot.running.findLast((member) => !leaving.has(member));
  if (kept !== undefined) return decision(slot, { kept, stops: besides(kept, slot, leaving, order.spec) });

  const stops = slot.running.map((member) => stop(member, leaving.get(member) ?? ''));
  const opening = openingOf(slot, leaving, around);
  const isFree = [...slot.stopping, ...slot.running].every(isLost);
  if (isFree) return decision(slot, { stops, opening });

  const lost = stops.filter((_, index) => isLost(slot.running[index] as Member));
  const others = stops.filter((each) => !lost.includes(each));
  const startsBeside = order.spec.deploy.order === 'start-first' && others.length > 0 && ![...slot.running, ...slot.stopping].some(({ isStateful }) => isStateful);
  return decision(slot, startsBeside ? { stops: lost, opening, makeRoom: others } : { stops });
}

const NONE: readonly Stop[] = [];

const decision = (slot: Slot, { kept, stops = NONE, opening, makeRoom = NONE }: Partial<Omit<Decision, 'slot'>>): Decision => ({ slot, kept, stops, opening, makeRoom });

const stop = ({ instance }: Member, why: string): Stop => ({ instance, why });

/** What stops beside an instance that stays: of those that make way, none before it serves when it was started first. */
function besides(kept: Member, slot: Slot, leaving: Leaving, { deploy }: ServiceSpec): readonly Stop[] {
  if (slot.running.length === 1) return NONE;
  return slot.running.flatMap((member) => {
    if (member === kept) return [];
    const why = leaving.get(member) ?? `${kept.instance.name} runs in its slot`;
    const mayWait = deploy.order === 'start-first' && !member.isStateful && !isLost(member);
    return mayWait && !isServing(kept) ? [] : [stop(member, why)];
  });
}

function openingOf(slot: Slot, leaving: Leaving, { order, specs, view }: Surroundings): Decision['opening'] {
  const revision = revisionOf(order, slot.slot);
  const spec = specs.of(revision);
  if (spec === undefined) return undefined;
  const before = newest(slot);
  const wasStateful = before !== undefined && (specs.of(before.body.revision)?.stateful ?? true);
  const home = homeOf({ service: order.name, slot: slot.slot, spec, before, wasStateful }, view);
  const isBound = home !== undefined || (before !== undefined && spec.deploy.strategy === 'daemon');
  return { slot: slot.slot, revision, spec, previous: home ?? before?.body.node, isBound, reason: reasonOf(slot, leaving, before) };
}

function newest({ gone, stopping, running }: Slot): Instance | undefined {
  const all = [...gone, ...[...stopping, ...running].map(({ instance }) => instance)];
  return all.sort((a, b) => roundOf(a) - roundOf(b)).at(-1);
}

const roundOf = ({ name }: Instance): number => parseInstance(name)?.round ?? 0;

function reasonOf(slot: Slot, leaving: Leaving, before: Instance | undefined): string {
  if (before === undefined) return `slot ${slot.slot} was empty`;
  const last = slot.running.at(-1);
  const lost = slot.stopping.at(-1)?.instance.body.node;
  return (last === undefined ? undefined : leaving.get(last)) ?? (lost === undefined ? `${before.name} is gone` : `${lost} is offline for longer than its grace`);
}
