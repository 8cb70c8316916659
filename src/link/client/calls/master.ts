import type { MasterCalls } from '../../../ports/index.js';
import { linesFrom, searchTo } from '../../convert/logs.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const masterCalls = (master: MasterChannel): MasterCalls => ({
  info: () => master.ask(ControlService.info, {}),
  async *backup(signal) {
    for await (const { bytes } of master.answers(ControlService.backup, {}, signal)) yield bytes;
  },
  logs: (grid, search, signal) => linesFrom(master.answers(ControlService.platformLogs, { grid, search: searchTo(search) }, signal)),
  rotateAuthority: (request) => master.ask(ControlService.rotateAuthority, request),
});
