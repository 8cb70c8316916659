import type { VolumeCalls } from '../../../ports/index.js';
import { defined, orAbsent } from '../../convert/plain.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const volumeCalls = (master: MasterChannel): VolumeCalls => ({
  declare: (grid, { driverOpts, ...volume }) => master.ask(ControlService.declareVolume, { grid, ...volume, driverOpts: { ...driverOpts } }),
  remove: async (grid, name, { withData }) => {
    const { removed, left, revision } = await master.ask(ControlService.removeVolume, { grid, name, withData });
    return { revision, removed: removed.map(({ node, name: volume }) => ({ node, name: volume })), left: left.map(({ name: volume, ...one }) => ({ ...one, ...defined({ name: orAbsent(volume) }) })) };
  },
});
