import type { GridEvent } from '../model/index.js';
import type { Events } from '../ports/index.js';

/** What happened, as a test says. */
export const eventsOf = (happened: readonly GridEvent[]): Events => ({
  async *read(_query, isMeant) {
    yield await Promise.resolve(happened.filter(isMeant));
  },
});
