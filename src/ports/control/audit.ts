import type { AuditEntry } from '../../model/index.js';
import type { AuditFilter } from '../audit.js';
import { type Actions, onMaster } from './actions.js';

export interface AuditQuery extends AuditFilter {
  /** ISO 8601: not those before. */
  readonly since?: string | undefined;
  /** Stay, and give what comes. */
  readonly follow: boolean;
}

/** Who did what. */
export interface AuditCalls {
  /** Oldest first. Without a grid those of all grids that the caller may see. @throws KON_INVALID, KON_FORBIDDEN */
  read(query: AuditQuery, signal: AbortSignal): AsyncIterable<AuditEntry>;
  /** All of it, with what is needed to check it, in pieces. */
  export(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export const AUDIT_ACTIONS: Actions<AuditCalls> = {
  read: { action: 'audit.read', isChange: false, on: ({ grid }) => (grid === undefined ? { isEach: true } : { grid }) },
  export: { action: 'audit.export', isChange: false, isNoted: true, on: onMaster },
};
