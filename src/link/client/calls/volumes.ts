import { MOVE_PHASES } from '../../../model/index.js';
import type { VolumeCalls } from '../../../ports/index.js';
import { defined, orAbsent } from '../../convert/plain.js';
import { VOLUME_WRITTEN } from '../../convert/talk.js';
import { oneOf } from '../../convert/words.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const volumeCalls = (master: MasterChannel): VolumeCalls => ({
  declare: (grid, { driverOpts, ...volume }) => master.ask(ControlService.declareVolume, { grid, ...volume, driverOpts: { ...driverOpts } }),
  remove: async (grid, name, { withData }) => {
    const { removed, left, revision } = await master.ask(ControlService.removeVolume, { grid, name, withData });
    return { revision, removed: removed.map(({ node, name: volume }) => ({ node, name: volume })), left: left.map(({ name: volume, ...one }) => ({ ...one, ...defined({ name: orAbsent(volume) }) })) };
  },
  async *read(grid, { name, node = '', isLive }, signal) {
    for await (const { bytes } of master.answers(ControlService.readVolumeData, { grid, name, node, isLive }, signal)) yield bytes;
  },
  write: (grid, { name, node = '' }, signal) => master.both(ControlService.writeVolumeData, VOLUME_WRITTEN, { message: { $case: 'open', value: { grid, name, node } } }, signal),
  move: (grid, { name, node = '', to }) => master.ask(ControlService.moveVolume, { grid, name, node, to }),
  callOff: (grid, { name, node = '' }) => master.ask(ControlService.callOffVolumeMove, { grid, name, node }),
  async *follow(grid, slot, signal) {
    for await (const { reason, bytes, phase, ...state } of master.answers(ControlService.followVolumeMove, { grid, slot }, signal)) yield { ...state, phase: oneOf('phase', MOVE_PHASES, phase), ...defined({ reason: orAbsent(reason), bytes }) };
  },
});
