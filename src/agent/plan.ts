import type { Instant, InstancePhase, ServiceSpec } from '../model/index.js';
import type { Container } from '../ports/index.js';
import { isWaiting, type Remembered } from './remembered.js';

export type Step =
  | { readonly do: 'look-for-image'; readonly image: string }
  | { readonly do: 'pull'; readonly image: string }
  | { readonly do: 'create' }
  | { readonly do: 'start' }
  | { readonly do: 'stop' }
  | { readonly do: 'remove' };

/** All that decides what to do next with one instance. */
export interface Situation {
  /** What it is to be; undefined when it is to be nothing. */
  readonly wanted: { readonly service: string; readonly spec: ServiceSpec } | undefined;
  readonly container: Container | undefined;
  /** Whether the wanted image is on the node; undefined while nobody looked. */
  readonly hasImage: boolean | undefined;
  /** Why it may not start yet although it is wanted; undefined when it may. */
  readonly holdUp: string | undefined;
  readonly remembered: Remembered;
  readonly now: Instant;
}

/** The one next step, if any, what to say meanwhile, and when to look again even if nothing changes. */
export interface Next {
  readonly step?: Step;
  readonly phase: InstancePhase;
  readonly reason?: string | undefined;
  readonly wakeAt?: Instant | undefined;
}

/**
 * Decides the next single step for one instance; look again after each.
 * An instance's container is started again when it ends, and never anything but what its own service revision says.
 */
export function plan(situation: Situation): Next {
  const { wanted, container } = situation;
  if (container?.state === 'removing') return { phase: 'stopping' };
  if (container?.state === 'dead') return { step: { do: 'remove' }, phase: 'stopping' };
  if (wanted === undefined || (container !== undefined && container.service !== wanted.service)) return towardsNothing(situation);
  return towardsRunning(wanted.spec, situation);
}

function towardsNothing({ container, remembered, now }: Situation): Next {
  if (container === undefined) return { phase: 'stopped' };
  if (isWaiting(remembered, now) && remembered.failures > 0) return { phase: 'stopping', reason: remembered.reason, wakeAt: remembered.notBefore };
  return { step: { do: container.state === 'running' ? 'stop' : 'remove' }, phase: 'stopping' };
}

function towardsRunning(spec: ServiceSpec, situation: Situation): Next {
  const { container, hasImage, holdUp, remembered, now } = situation;
  if (container?.state === 'running') return { phase: 'running' };
  if (isWaiting(remembered, now)) return waiting(remembered);
  if (container === undefined) {
    if (hasImage === undefined) return trying('pending', { do: 'look-for-image', image: spec.image }, remembered);
    return hasImage ? trying('creating', { do: 'create' }, remembered) : trying('pulling', { do: 'pull', image: spec.image }, remembered);
  }
  if (holdUp !== undefined) return { phase: 'pending', reason: holdUp };
  return trying('starting', { do: 'start' }, remembered);
}

const waiting = ({ failures, quickEnds, reason, notBefore }: Remembered): Next => ({ phase: failures + quickEnds > 0 ? 'failed' : 'starting', reason, wakeAt: notBefore });

/** What failed before stays failed until it succeeds: nobody is helped by news of each try. */
const trying = (phase: InstancePhase, step: Step, { failures, reason }: Remembered): Next => (failures === 0 ? { step, phase } : { step, phase: 'failed', reason });
