import { type AuditEntry, OUTCOMES } from '../../model/index.js';
import type { AuditQuery } from '../../ports/index.js';
import type * as wire from '../gen/kontena/v1/control.js';
import { defined, orAbsent } from './plain.js';
import { oneOf } from './words.js';

export const auditQueryTo = ({ grid = '', who = '', action = '', since = '', follow }: AuditQuery): wire.ReadAuditRequest => ({ grid, who, action, since, follow });

export const auditQueryFrom = ({ grid, who, action, since, follow }: wire.ReadAuditRequest): AuditQuery =>
  ({ grid: orAbsent(grid), who: orAbsent(who), action: orAbsent(action), since: orAbsent(since), follow });

export const auditEntryTo = ({ at, ...rest }: AuditEntry): wire.AuditEntry => ({ ...rest, atMs: at });

export function auditEntryFrom({ atMs, outcome, ...rest }: wire.AuditEntry): AuditEntry {
  return { ...defined(rest), at: atMs, outcome: oneOf('outcome', OUTCOMES, outcome) };
}
