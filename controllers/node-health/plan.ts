import { type Change, drop, elapsedMs, type HealthBody, type Instant, later, type Millis, type NodePhase, type Plan, type PulseBody, put } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { type NodeEvent, step } from './machine.js';

/** How long after it began to listen the master waits for a node it knows: agents try again at most 30 s apart, twice is no chance. */
export const UNHEARD_GRACE_MS: Millis = 60_000;

/** Decides the phase of one node from what is heard of it. */
export function plan(node: string, view: View, now: Instant): Plan<Change> {
  const before = view.get('Health', node)?.body;
  if (view.get('Node', node) === undefined) return { steps: before === undefined ? [] : [drop('Health', node, 'the node was removed')] };

  const pulse = view.get('Pulse', node)?.body;
  const health = next(before, whatIsSeen(pulse, view.get('Facts', node) !== undefined, now), now);
  return {
    steps: health === before ? [] : [put('Health', node, health, whyOf(before?.phase, health.phase, pulse))],
    wakeAt: health.phase === 'online' || health.phase === 'connecting' ? endOfGrace(pulse, now) : undefined,
  };
}

function next(before: HealthBody | undefined, event: NodeEvent | undefined, now: Instant): HealthBody {
  const from = before?.phase ?? 'created';
  const phase = event === undefined ? from : step(from, event);
  if (before !== undefined && phase === from) return before;
  return { phase, since: now, wasLost: phase === 'offline' || from === 'offline' };
}

function whatIsSeen(pulse: PulseBody | undefined, hasFacts: boolean, now: Instant): NodeEvent | undefined {
  switch (pulse?.state) {
    case undefined:
      return undefined;
    case 'heard':
      return { type: hasFacts ? 'ready' : 'heard' };
    case 'engine':
    case 'silent':
      return { type: 'lost' };
    case 'unheard':
      return elapsedMs(pulse.since, now) >= UNHEARD_GRACE_MS ? { type: 'lost' } : undefined;
  }
}

/** The master's own start is no silence of the node, so what is not yet heard is lost only after a grace. */
function endOfGrace(pulse: PulseBody | undefined, now: Instant): Instant | undefined {
  if (pulse?.state !== 'unheard') return undefined;
  const end = later(pulse.since, UNHEARD_GRACE_MS);
  return end > now ? end : undefined;
}

function whyOf(before: NodePhase | undefined, phase: NodePhase, pulse: PulseBody | undefined): string {
  if (before === undefined) return phase === 'created' ? 'the node was declared' : 'it is heard';
  if (phase !== 'offline') return `${before} → ${phase}`;
  const cause = { engine: 'its container engine does not answer', unheard: 'not heard since the master began to listen', silent: 'it is silent', heard: '' };
  const said = pulse?.reason === undefined ? '' : `: ${pulse.reason}`;
  return `${before} → offline, ${cause[pulse?.state ?? 'silent']}${said}`;
}
