import type { ServiceCalls } from '../../../ports/index.js';
import { appliedFrom } from '../../convert/stacks.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const serviceCalls = (master: MasterChannel): ServiceCalls => ({
  scale: async (grid, service, instances) => appliedFrom(await master.ask(ControlService.scale, { grid, service, instances })),
  update: async (grid, service, { image, env = [], unset = [], instances }) => appliedFrom(await master.ask(ControlService.updateService, { grid, service, image, env: [...env], unset: [...unset], instances })),
  start: async (grid, name) => appliedFrom(await master.ask(ControlService.startService, { grid, name })),
  stop: async (grid, name) => appliedFrom(await master.ask(ControlService.stopService, { grid, name })),
  restart: async (grid, name) => appliedFrom(await master.ask(ControlService.restartService, { grid, name })),
  redeploy: async (grid, name) => appliedFrom(await master.ask(ControlService.redeployService, { grid, name })),
});
