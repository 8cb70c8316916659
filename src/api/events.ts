import type { GridEvent } from '../model/index.js';
import type { Caller, EventCalls, EventQuery, Events, Store } from '../ports/index.js';
import { sees } from './gate.js';
import { requireGrid } from './require-grid.js';

interface Means {
  readonly store: Store;
  readonly events: Events;
}

/** What happened. One is told of what one may watch. */
export const eventCalls = ({ store, events }: Means, caller: Caller): EventCalls => ({
  async *read(grid, query, signal) {
    requireGrid(store.view(grid));
    const isMeant = (event: GridEvent): boolean => event.grid === grid && isOf(query.of, event) && sees({ store, caller }, 'watch', { grid, name: event.name, kind: kindOf(event) });
    for await (const some of events.read(query, isMeant, signal)) yield* some;
  },
});

const kindOf = ({ type }: GridEvent): string => type.slice(0, type.indexOf('.'));

/** Whether an event is of a thing, or of what belongs to it: services and instances to a stack, instances to a service. */
function isOf(of: EventQuery['of'], event: GridEvent): boolean {
  if (of === undefined || (kindOf(event) === of.kind && event.name === of.name)) return true;
  if (of.kind === 'stack') return ['service', 'instance'].includes(kindOf(event)) && event.name.startsWith(`${of.name}/`);
  return of.kind === 'service' && kindOf(event) === 'instance' && event.name.startsWith(`${of.name}.`);
}
