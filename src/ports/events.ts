import type { GridEvent } from '../model/index.js';

/** What part of the events is asked for. */
export interface EventQuery {
  /** Only those after this number. */
  readonly after?: number;
  /** Only those since this moment; ISO 8601. */
  readonly since?: string;
  /** The last so many; all that are kept when absent. */
  readonly tail?: number;
  /** Go on with those that come. */
  readonly follow: boolean;
  /** Only of this thing and, of a stack or a service, of what belongs to it. */
  readonly of?: { readonly kind: string; readonly name: string };
}

/** What happened, in the order of its numbers: the newest of it, so many bytes. It outlives the master's process. */
export interface Events {
  /** Those of a grid that are meant, the oldest first, some at a time; until aborted, if followed. */
  read(query: EventQuery, isMeant: (event: GridEvent) => boolean, signal: AbortSignal): AsyncIterable<readonly GridEvent[]>;
}
