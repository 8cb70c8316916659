import type { AuditCalls } from '../../../ports/index.js';
import { auditEntryFrom, auditQueryTo } from '../../convert/audit.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const auditCalls = (master: MasterChannel): AuditCalls => ({
  async *read(query, signal) {
    for await (const entry of master.answers(ControlService.readAudit, auditQueryTo(query), signal)) yield auditEntryFrom(entry);
  },
  async *export(signal) {
    for await (const { bytes } of master.answers(ControlService.exportAudit, {}, signal)) yield bytes;
  },
});
