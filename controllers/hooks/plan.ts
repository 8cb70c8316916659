import { type Change, drop, groupBy, type Plan, put, slotOf } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';

/** Decides what is recorded of the hooks that slots of a service have behind them: what agents say, for as long as the service is there. */
export function plan(service: string, view: View): Plan<Change> {
  const isThere = view.list('Service', `${service}@`).length > 0;
  return { steps: isThere ? additions(service, view) : view.list('HooksDone', `${service}.`).map(({ name }) => drop('HooksDone', name, 'its service is gone')) };
}

function additions(service: string, view: View): readonly Change[] {
  const bySlot = groupBy(view.instancesOf(service), ({ name }) => slotOf(name));
  return [...bySlot].flatMap(([slot, instances]) => {
    const before = view.get('HooksDone', slot)?.body.hooks ?? [];
    const said = instances.flatMap(({ name }) => view.get('Report', name)?.body.hooksDone ?? []);
    const fresh = [...new Set(said)].filter((hook) => !before.includes(hook));
    return fresh.length === 0 ? [] : [put('HooksDone', slot, { hooks: [...before, ...fresh] }, `${fresh.join(', ')} is done`)];
  });
}

/** `todo/web` of `todo/web.2`. */
export const serviceOf = (slot: string): string => slot.slice(0, slot.lastIndexOf('.'));
