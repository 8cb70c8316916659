import { type Change, drop, type Entry, groupBy, onceHooks, type Plan, put, serviceRevisionName, slotOf } from '../../src/model/index.js';
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
    const said = instances.flatMap((instance) => declaredOf(instance, view));
    const fresh = [...new Set(said)].filter((hook) => !before.includes(hook));
    return fresh.length === 0 ? [] : [put('HooksDone', slot, { hooks: [...before, ...fresh] }, `${fresh.join(', ')} is done`)];
  });
}

/** What an agent says is done of an instance, as far as the service has such hooks: nothing else is recorded on its word. */
function declaredOf({ name, body }: Entry<'Instance'>, view: View): readonly string[] {
  const said = view.get('Report', name)?.body.hooksDone ?? [];
  const spec = said.length === 0 ? undefined : view.get('Service', serviceRevisionName(body.service, body.revision))?.body.spec;
  const declared = spec === undefined ? [] : onceHooks(spec);
  return said.filter((hook) => declared.includes(hook));
}
