import type { NodeCalls } from '../../../ports/index.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const nodeCalls = (master: MasterChannel): NodeCalls => ({
  update: (grid, node, { availability, labels, isConfirmed = false }) =>
    master.ask(ControlService.setNode, { grid, node, availability, labels: labels && { labels: [...labels] }, isConfirmed }),
  rotateKeys: (grid, node) => master.ask(ControlService.rotateKeys, { grid, node }),
});
