import type { AuditCalls } from '../../../ports/index.js';
import { auditEntryTo, auditQueryFrom } from '../../convert/audit.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const auditCalls = ({ stream }: Serving<AuditCalls>): Pick<ControlServer, 'readAudit' | 'exportAudit'> => ({
  readAudit: stream('read', async function* (read, request, signal) {
    for await (const entry of read(auditQueryFrom(request), signal)) yield auditEntryTo(entry);
  }),
  exportAudit: stream('export', async function* (exported, _request, signal) {
    for await (const bytes of exported(signal)) yield { bytes: Buffer.from(bytes) };
  }),
});
