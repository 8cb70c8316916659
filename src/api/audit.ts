import { KontenaError } from '../model/index.js';
import type { AuditCalls, AuditLog, Caller, Clock, Store } from '../ports/index.js';
import { Bell } from './bell.js';
import { seesEntry } from './gate.js';

interface Means {
  readonly store: Store;
  readonly clock: Clock;
  readonly audit: AuditLog;
}

/** What may be asked of the audit log. */
export const auditCalls = (means: Means, caller: Caller): AuditCalls => ({
  async *read({ since, follow, ...filter }, signal) {
    const { store, clock, audit } = means;
    const sees = (entry: Parameters<typeof seesEntry>[1]): boolean => seesEntry({ store, caller }, entry);
    if (![undefined, ...store.grids()].some((grid) => sees({ ...(grid === undefined ? {} : { grid }), action: 'audit.read' }))) throw new KontenaError('KON_FORBIDDEN', `${caller.name} may not audit.read in any grid: grid-admin and master-admin may`);
    if (filter.action !== undefined && !PATTERN.test(filter.action)) throw new KontenaError('KON_INVALID', `"${filter.action}" names no actions: write it like stack.apply, or secret.*`);
    const bell = new Bell(clock);
    const stop = audit.watch(() => bell.ring());
    try {
      let through = since === undefined ? 0 : audit.lastBefore(momentOf(since));
      while (!signal.aborted) {
        const page = audit.page(through, filter);
        ({ through } = page);
        for (const entry of page.entries) if (sees(entry)) yield entry;
        if (through < audit.last) bell.ring(); // others have their turn before the next page
        else if (!follow) return;
        await bell.next(signal);
      }
    } finally {
      stop();
    }
  },
  async *export(signal) {
    for (const lines of means.audit.exported()) {
      if (signal.aborted) return;
      yield Buffer.from(lines);
      await new Promise<void>((resolve) => means.clock.soon(resolve));
    }
  },
});

const PATTERN = /^[a-z.*-]+$/;

function momentOf(text: string): number {
  const moment = Date.parse(text);
  if (Number.isNaN(moment)) throw new KontenaError('KON_INVALID', `"${text}" is no moment: write it like 2026-01-31T12:00:00Z`);
  return moment;
}
