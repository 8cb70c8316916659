import type { ServiceCalls } from '../../../ports/index.js';
import { appliedFrom } from '../../convert/stacks.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const serviceCalls = (master: MasterChannel): ServiceCalls => ({
  scale: async (grid, service, instances) => appliedFrom(await master.ask(ControlService.scale, { grid, service, instances })),
});
