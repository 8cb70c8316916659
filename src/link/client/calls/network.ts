import type { NetworkCalls, NetworkItem } from '../../../ports/index.js';
import { lookUpFrom } from '../../convert/network.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const networkCalls = (master: MasterChannel): NetworkCalls => ({
  async *status(grid, { node = '', isProbed }, signal) {
    for await (const { item } of master.answers(ControlService.network, { grid, node, isProbed }, signal)) yield item as unknown as NetworkItem;
  },
  lookUp: async (grid, { name, node = '' }) => lookUpFrom(await master.ask(ControlService.lookUp, { grid, name, node })),
});
