import type { NodeCalls } from '../../../ports/index.js';
import { linesFrom, searchTo } from '../../convert/logs.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const nodeCalls = (master: MasterChannel): NodeCalls => ({
  update: (grid, node, { availability, labels, isConfirmed = false }) =>
    master.ask(ControlService.setNode, { grid, node, availability, labels: labels && { labels: [...labels] }, isConfirmed }),
  logs: (grid, node, search, signal) => linesFrom(master.answers(ControlService.nodeLogs, { grid, node, search: searchTo(search) }, signal)),
  rotateKeys: (grid, node) => master.ask(ControlService.rotateKeys, { grid, node }),
});
