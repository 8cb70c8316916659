import { type Change, drop, groupBy, type PlacementBody, put, type Refusal } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';

/** A slot that has no node, or may not move from one, and why. */
export interface Waiting {
  readonly slot: number;
  readonly reason: string;
  readonly refusals: readonly Refusal[];
}

/** The Placement record of a service as it should be: written when it says something new, dropped when nothing waits. */
export function placementSteps(service: string, waiting: readonly Waiting[], view: View): readonly Change[] {
  const before = view.get('Placement', service)?.body;
  if (waiting.length === 0) return before === undefined ? [] : [drop('Placement', service, 'every slot has a node')];
  const body = placementOf(waiting);
  // Both were made here, with their keys in the same order.
  return JSON.stringify(before) === JSON.stringify(body) ? [] : [put('Placement', service, body, body.reason)];
}

function placementOf(waiting: readonly Waiting[]): PlacementBody {
  const slots = waiting.map(({ slot }) => slot).sort((a, b) => a - b);
  const byReason = [...groupBy(waiting, ({ reason }) => reason)];
  const sentences = byReason.map(([reason, those]) => (byReason.length === 1 ? reason : `slot ${those.map(({ slot }) => slot).join(', ')}: ${reason}`));
  return { slots, reason: sentences.join('; '), refusals: waiting.find(({ refusals }) => refusals.length > 0)?.refusals ?? [] };
}
