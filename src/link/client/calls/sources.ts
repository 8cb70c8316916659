import type { SourceCalls } from '../../../ports/index.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const sourceCalls = (master: MasterChannel): SourceCalls => ({
  report: async (grid, { directory, file, stack, error, isGone = false }) => {
    await master.ask(ControlService.reportSource, { grid, directory, file, stack, error, isGone });
  },
});
