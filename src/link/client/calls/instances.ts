import type { InstanceCalls } from '../../../ports/index.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const instanceCalls = (master: MasterChannel): InstanceCalls => ({
  async *logs(grid, name, { tail, follow, since = '' }, signal) {
    for await (const { instance, stream, at, line } of master.answers(ControlService.logs, { grid, name, tail, follow, since }, signal)) {
      yield { instance, stream: stream === 'stderr' ? 'stderr' : 'stdout', at, line };
    }
  },
  forward: (grid, { name, port }, signal) => master.both(ControlService.forward, { message: { $case: 'open', value: { grid, name, port } } }, signal),
});
