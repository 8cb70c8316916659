import type { View } from '../../ports/index.js';

/** Slots of a service that nothing is to run in, for want of a node. One that may not leave its node waits too, but is there. */
export function pendingSlots(service: string, view: View): readonly number[] {
  const slots = view.get('Placement', service)?.body.slots;
  if (slots === undefined) return [];
  const taken = new Set(view.instancesOf(service).flatMap(({ body }) => (body.wanted === 'running' ? [body.slot] : [])));
  return slots.filter((slot) => !taken.has(slot));
}
