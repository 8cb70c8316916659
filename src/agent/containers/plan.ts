import { askedHealthCheck, type Instant, type InstancePhase, type ReportBody, type ServiceSpec } from '../../model/index.js';
import type { Container } from '../../ports/index.js';
import { type Check, type Checks, isCheckedByEngine, isReady, nextCheck, overdue } from './checks.js';
import { type HookStep, nextHook } from './hooks.js';
import { isWaiting, type Remembered, unhealthy } from './remembered.js';

export type Step =
  | { readonly do: 'look-for-image'; readonly image: string }
  | { readonly do: 'pull'; readonly image: string }
  | { readonly do: 'create' }
  | { readonly do: 'start' }
  | { readonly do: 'stop' }
  | { readonly do: 'remove' }
  | ({ readonly do: 'hook' } & HookStep)
  | { readonly do: 'check'; readonly check: Check; readonly address: string | undefined };

/** All that decides what to do next with one instance. */
export interface Situation {
  /** `todo/web.2@57`. */
  readonly instance: string;
  /** What it is to be; undefined when it is to be nothing. */
  readonly wanted: { readonly service: string; readonly spec: ServiceSpec } | undefined;
  readonly container: Container | undefined;
  /** Where this machine reaches it. */
  readonly address: string | undefined;
  /** What the container was made from, if that is still known. */
  readonly madeFrom: ServiceSpec | undefined;
  /** Whether the wanted image is on the node; undefined while nobody looked. */
  readonly hasImage: boolean | undefined;
  /** Why it may not start yet although it is wanted; undefined when it may. */
  readonly holdUp: string | undefined;
  /** What it cannot be made without: what the vault did not give, a place on the network; undefined when nothing lacks. */
  readonly lacks: string | undefined;
  /** Hooks that run once and that the slot has behind it. */
  readonly hooksDone: readonly string[];
  /** It is to stop, and what is open with it has time to end until then; undefined when nothing is sent to it by balancers. */
  readonly drainsUntil: Instant | undefined;
  readonly remembered: Remembered;
  readonly now: Instant;
}

/** The one next step, if any, what to say meanwhile, and when to look again even if nothing changes. */
export interface Next {
  readonly step?: Step;
  readonly phase: InstancePhase;
  readonly health?: ReportBody['health'] | undefined;
  readonly reason?: string | undefined;
  readonly wakeAt?: Instant | undefined;
}

/**
 * Decides the next single step for one instance; look again after each.
 * A container that ends is started again; one that was made from something else than is wanted makes way.
 */
export function plan(situation: Situation): Next {
  const { wanted, container } = situation;
  if (container?.state === 'removing') return { phase: 'stopping' };
  if (container?.state === 'dead') return { step: { do: 'remove' }, phase: 'stopping' };
  if (wanted === undefined || (container !== undefined && container.service !== wanted.service)) return towardsNothing(situation);
  return container?.state === 'running' ? serving(wanted.spec, container, situation) : towardsRunning(wanted.spec, situation);
}

function towardsNothing({ instance, container, madeFrom, hooksDone, drainsUntil, remembered, now }: Situation): Next {
  if (container === undefined) return { phase: 'stopped' };
  if (isWaiting(remembered, now) && remembered.failures > 0) return { phase: 'stopping', reason: remembered.reason, wakeAt: remembered.notBefore };
  if (container.state !== 'running') return { step: { do: 'remove' }, phase: 'stopping', reason: remembered.mishap };
  if (drainsUntil !== undefined && drainsUntil > now) return { phase: 'stopping', reason: 'balancers send nothing more to it, and what is open ends', wakeAt: drainsUntil };
  const hook = madeFrom === undefined ? undefined : nextHook(madeFrom, 'preStop', { instance, passed: remembered.hooks, done: hooksDone });
  return { step: hook === undefined ? { do: 'stop' } : { do: 'hook', ...hook }, phase: 'stopping', reason: remembered.mishap };
}

function towardsRunning(spec: ServiceSpec, { instance, container, hasImage, holdUp, lacks, hooksDone, remembered, now }: Situation): Next {
  if (isWaiting(remembered, now)) return waiting(remembered);
  const isMade = container !== undefined && (container.state !== 'created' || remembered.isMadeHere);
  if (!isMade && lacks !== undefined) return { phase: 'pending', reason: lacks };
  if (container === undefined) {
    if (hasImage === undefined) return trying('pending', { do: 'look-for-image', image: spec.image }, remembered);
    return hasImage ? trying('creating', { do: 'create' }, remembered) : trying('pulling', { do: 'pull', image: spec.image }, remembered);
  }
  if (holdUp !== undefined) return { phase: 'pending', reason: holdUp };
  if (!isMade) return trying('creating', { do: 'create' }, remembered); // an earlier life may not have come to the end of it
  const hook = nextHook(spec, 'preStart', { instance, passed: remembered.hooks, done: hooksDone });
  return trying('starting', hook === undefined ? { do: 'start' } : { do: 'hook', ...hook }, remembered);
}

/** It runs: what remains is to see whether it serves. */
function serving(spec: ServiceSpec, container: Container, { instance, address, hooksDone, remembered, now }: Situation): Next {
  const { checks, hooks } = remembered;
  const hook = nextHook(spec, 'postStart', { instance, passed: hooks, done: hooksDone });
  if (hook !== undefined) return { step: { do: 'hook', ...hook }, phase: 'starting' };
  if (checks === undefined) return { phase: 'running', reason: remembered.mishap };
  const health = askedHealthCheck(spec) !== undefined || isCheckedByEngine(spec, container) ? checks.health : undefined;
  const said = sayOf(spec, { checks, health, mishap: remembered.mishap }, now);
  // It ends, and is started again like any that ends; unless it did not let itself be stopped just now.
  if (health === 'unhealthy' && isRestarted(spec)) return isWaiting(remembered, now) ? { ...said, wakeAt: remembered.notBefore } : { ...said, step: { do: 'stop' } };
  const next = nextCheck(spec, checks);
  if (next === undefined) return said;
  if (next.at > now) return { ...said, wakeAt: next.at };
  return { ...said, step: { do: 'check', check: next.check, address } };
}

/** Whether it is started again when it is unhealthy. */
const isRestarted = ({ healthCheck }: ServiceSpec): boolean => healthCheck?.restart !== false;

interface Serving {
  readonly checks: Checks;
  readonly health: ReportBody['health'];
  readonly mishap: string | undefined;
}

function sayOf(spec: ServiceSpec, { checks, health, mishap }: Serving, now: Instant): Next {
  if (health === 'unhealthy') return { phase: isRestarted(spec) ? 'failed' : 'running', health, reason: unhealthy(checks) };
  if (isReady(spec, checks)) return { phase: 'running', health, reason: mishap };
  const late = overdue(spec, checks, now);
  return { phase: late === undefined ? 'starting' : 'failed', health, reason: late ?? checks.reason };
}

const waiting = ({ failures, quickEnds, reason, notBefore }: Remembered): Next => ({ phase: failures + quickEnds > 0 ? 'failed' : 'starting', reason, wakeAt: notBefore });

/** What failed before stays failed until it succeeds: nobody is helped by news of each try. */
const trying = (phase: InstancePhase, step: Step, { failures, reason }: Remembered): Next => (failures === 0 ? { step, phase } : { step, phase: 'failed', reason });
