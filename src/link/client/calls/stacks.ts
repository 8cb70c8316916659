import type { StackCalls } from '../../../ports/index.js';
import { plain } from '../../convert/plain.js';
import { appliedFrom, progressFrom } from '../../convert/stacks.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const stackCalls = (master: MasterChannel): StackCalls => ({
  apply: async ({ grid, stack, dryRun, origin = '', secrets, volumes = [] }) =>
    appliedFrom(await master.ask(ControlService.apply, { grid, stack: plain(stack), dryRun, origin, secrets: { ...secrets }, volumes: [...volumes] })),
  start: async (grid, name) => appliedFrom(await master.ask(ControlService.startStack, { grid, name })),
  stop: async (grid, name) => appliedFrom(await master.ask(ControlService.stopStack, { grid, name })),
  restart: async (grid, name) => appliedFrom(await master.ask(ControlService.restartStack, { grid, name })),
  redeploy: async (grid, name) => appliedFrom(await master.ask(ControlService.redeployStack, { grid, name })),
  async *follow(grid, stack, revision, signal) {
    for await (const message of master.answers(ControlService.follow, { grid, stack, revision }, signal)) {
      const progress = progressFrom(message);
      if (progress !== undefined) yield progress;
    }
  },
});
