import type { NodeCalls } from '../../../ports/index.js';
import { linesFrom, searchTo } from '../../convert/logs.js';
import { nodeUsageFrom } from '../../convert/statistics.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';
import { faredFrom } from './statistics.js';

export const nodeCalls = (master: MasterChannel): NodeCalls => ({
  update: (grid, node, { availability, labels, isConfirmed = false }) =>
    master.ask(ControlService.setNode, { grid, node, availability, labels: labels && { labels: [...labels] }, isConfirmed }),
  logs: (grid, node, search, signal) => linesFrom(master.answers(ControlService.nodeLogs, { grid, node, search: searchTo(search) }, signal)),
  async *statistics(grid, { name = '', since = '' }, signal) {
    for await (const { name: node, usage, held, fared } of master.answers(ControlService.readNodeStatistics, { grid, name, since }, signal)) {
      yield { name: node, ...(usage === undefined ? {} : { usage: nodeUsageFrom(usage, held) }), ...faredFrom(fared) };
    }
  },
  rotateKeys: (grid, node) => master.ask(ControlService.rotateKeys, { grid, node }),
});
