import {
  earliest, type Entry, type Instant, later, maxUnavailable, type Millis, parseService, parseServiceRevision, type Revision, type ServiceBody, type ServiceRollout, type ServiceSpec,
} from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { type Declared, type Goal, goalOf, needsProof, renewalOf } from './goal.js';
import { type Failure, type Sight, type SlotState, slotsOf } from './slots.js';

/** How long after a daemon was told to begin no instances of it mean that no node is for it. */
const PLACING_MS: Millis = 1000;

interface Outlook extends Sight {
  readonly isNew: boolean;
  readonly placesUntil: Instant | undefined;
}

/**
 * One service of a stack, as far as its rollout is concerned. Its slots are looked at when they are first asked for:
 * of a stack of many services mostly one or two are under way.
 */
export class ServiceState {
  readonly goal: Goal;
  readonly before: ServiceRollout | undefined;
  /** Nothing ran of it before. */
  readonly isNew: boolean;
  /** Of a daemon: how long it may be unknown which nodes are for it. */
  readonly placesUntil: Instant | undefined;
  readonly #declared: Declared;
  readonly #look: () => readonly SlotState[];
  #slots: readonly SlotState[] | undefined;

  constructor({ declared, before, goal, isNew, placesUntil }: Outlook, look: () => readonly SlotState[]) {
    this.goal = goal;
    this.before = before;
    this.isNew = isNew;
    this.placesUntil = placesUntil;
    this.#declared = declared;
    this.#look = look;
  }

  /** Short: `web`. */
  get name(): string {
    return this.#declared.name;
  }

  /** The one declared now. */
  get declared(): Revision {
    return this.#declared.revision;
  }

  /** It stands still: nobody waits for it. */
  get isStopped(): boolean {
    return this.#declared.isStopped;
  }

  /** Times that a round of its own was asked for. */
  get rounds(): number {
    return this.#declared.rounds;
  }

  /** Other services of the same stack, by short name. */
  get linksTo(): readonly string[] {
    return linksWithin(this.#declared.stack, this.#declared.spec);
  }

  /** All slots are told to run what they are to come to, and nothing more is to be found out. */
  get isAtRest(): boolean {
    const { before, goal } = this;
    if (before?.revision !== goal.revision || goal.round !== undefined || Object.keys(before.still).length > 0) return false;
    return !this.isTurning && (before.complete?.revision === goal.revision || !this.#needsProof);
  }

  /** It goes back now and did not before, or does not any more. */
  get isTurning(): boolean {
    const [before, now] = [this.before?.reverted, this.goal.reverted];
    return before?.from !== now?.from || before?.retries !== now?.retries;
  }

  /** In the order of their numbers. */
  get slots(): readonly SlotState[] {
    return (this.#slots ??= this.#look());
  }

  /** How many slots may be unavailable while others are replaced. */
  get mayBeMissing(): number {
    return maxUnavailable(this.slots.length, this.#declared.spec.deploy.minHealth);
  }

  /** What went wrong with a slot that moved; undefined when nothing did, or when the service says to go on regardless. */
  get failure(): Failure | undefined {
    if (this.#declared.spec.deploy.onFailure === 'continue') return undefined;
    return this.slots.find(({ still, failure }) => still === undefined && failure !== undefined)?.failure;
  }

  /** All that is declared serves, where that is to be recorded. */
  get isProven(): boolean {
    if (!this.#needsProof && this.goal.round === undefined) return false;
    return (this.slots.length > 0 || this.#declared.spec.instances === 0) && this.slots.every((slot) => slot.still === undefined && isServing(slot));
  }

  /** When there is something new to decide though nothing changes, as far as slots were looked at. */
  get settlesAt(): Instant | undefined {
    return this.#slots?.length === 0 ? this.placesUntil : earliest(...(this.#slots ?? []).flatMap(({ settlesAt, awaitedUntil }) => [settlesAt, awaitedUntil]));
  }

  /** When its instances are next replaced by their like. */
  get renewsAt(): Instant | undefined {
    return this.before === undefined || !this.isAtRest ? undefined : renewalOf(this.#declared, this.before);
  }

  get #needsProof(): boolean {
    return needsProof(this.#declared.spec.deploy) && this.goal.reverted === undefined;
  }
}

/** It runs as it should, and is reached by those who know it by its name. */
export const isReady = (slot: SlotState): boolean => slot.availability === 'available' && slot.isSettled;

/** It is reached by everyone, its balancers too. */
export const isServing = (slot: SlotState): boolean => isReady(slot) && slot.isKnown;

/** The services of `stack` that are declared now, by short name, in the order of their names. */
export function serviceStates(stack: string, rollout: Entry<'Rollout'> | undefined, view: View, now: Instant): ReadonlyMap<string, ServiceState> {
  const states = new Map<string, ServiceState>();
  for (const { name, body } of view.list('Service', `${stack}/`)) {
    const id = parseServiceRevision(name);
    const short = id === undefined ? undefined : parseService(id.service)?.service;
    if (!body.isCurrent || id === undefined || short === undefined) continue;
    const declared = declaredBy(body, { stack, name: short, revision: id.revision });
    const before = rollout?.body.services[short];
    const isNew = before === undefined && view.instancesOf(id.service).length === 0;
    const placesUntil = placingEnd(body.spec, before === undefined ? undefined : rollout, now);
    states.set(short, stateOf({ declared, before, goal: goalOf(declared, before, view.revision, now), isNew, placesUntil }, view, now));
  }
  return states;
}

const declaredBy = ({ spec, retries = 0, isStopped = false, rounds = 0 }: ServiceBody, of: Pick<Declared, 'stack' | 'name' | 'revision'>): Declared => ({ ...of, retries, isStopped, rounds, spec });

/** @param rollout that told the service to begin; undefined while none did */
function placingEnd({ deploy }: ServiceSpec, rollout: Entry<'Rollout'> | undefined, now: Instant): Instant | undefined {
  const end = later(rollout?.updatedAt ?? now, PLACING_MS);
  return deploy.strategy === 'daemon' && end > now ? end : undefined;
}

/** A rollout that failed turns round, where there is something to go back to. */
function stateOf(sight: Outlook, view: View, now: Instant): ServiceState {
  const state = new ServiceState(sight, () => slotsOf(sight, view, now));
  const { declared, before, goal } = sight;
  const back = before?.complete?.revision;
  if (declared.spec.deploy.onFailure !== 'revert' || before?.revision !== goal.revision || back === undefined || back === goal.revision || goal.reverted !== undefined) return state;
  const { failure } = state;
  if (failure === undefined) return state;
  const reverted = { from: declared.revision, retries: declared.retries, ...failure };
  const turned: Outlook = { ...sight, goal: { revision: back, round: undefined, reverted } };
  return new ServiceState(turned, () => slotsOf(turned, view, now));
}

const linksWithin = (stack: string, spec: ServiceSpec): readonly string[] =>
  spec.links.flatMap(({ service }) => {
    const names = parseService(service);
    return names?.stack === stack ? [names.service] : [];
  });
