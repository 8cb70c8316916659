import type { GridEvent } from '../../model/index.js';
import type { EventQuery } from '../events.js';
import { type Actions, onGrid } from './actions.js';

export interface EventCalls {
  /** What happened in a grid, the oldest first: of things that the caller may watch. */
  read(grid: string, query: EventQuery, signal: AbortSignal): AsyncIterable<GridEvent>;
}

export const EVENT_ACTIONS: Actions<EventCalls> = {
  read: { action: 'event.read', isChange: false, on: onGrid },
};
