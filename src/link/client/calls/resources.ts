import type { ResourceCalls } from '../../../ports/index.js';
import { historyItemFrom, listQueryTo, resourceFrom } from '../../convert/resources.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const resourceCalls = (master: MasterChannel): ResourceCalls => ({
  async *list(query) {
    for await (const resource of master.answers(ControlService.list, listQueryTo(query))) yield resourceFrom(resource);
  },
  async *watch(query, signal) {
    for await (const { resource, isGone } of master.answers(ControlService.watch, listQueryTo(query), signal)) {
      if (resource !== undefined) yield { resource: resourceFrom(resource), isGone };
    }
  },
  async *history(grid, kind, name) {
    for await (const item of master.answers(ControlService.history, { grid, kind, name })) yield historyItemFrom(item);
  },
  remove: (grid, kind, name) => master.ask(ControlService.remove, { grid, kind, name }),
});
