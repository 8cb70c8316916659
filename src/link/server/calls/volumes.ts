import { VOLUME_SCOPES } from '../../../model/index.js';
import type { VolumeAt, VolumeCalls } from '../../../ports/index.js';
import { bytePieces } from '../../convert/pieces.js';
import { defined, orAbsent } from '../../convert/plain.js';
import { VOLUME_WRITTEN } from '../../convert/talk.js';
import { gridOf, oneOf } from '../../convert/words.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';
import { never } from './never.js';

export const volumeCalls = ({ ask, stream, carry }: Serving<VolumeCalls>): Pick<ControlServer, 'declareVolume' | 'removeVolume' | 'readVolumeData' | 'writeVolumeData' | 'moveVolume' | 'callOffVolumeMove' | 'followVolumeMove'> => ({
  declareVolume: ask('declare', (declare, { name, scope, driver, driverOpts, isNew, ...request }) =>
    declare(gridOf(request), { name, scope: oneOf('scope', VOLUME_SCOPES, scope), driver, driverOpts, isNew })),
  removeVolume: ask('remove', async (remove, request) => {
    const { revision, removed, left } = await remove(gridOf(request), request.name, { withData: request.withData }, never);
    return { revision, removed: removed.map((one) => ({ ...one, reason: '' })), left: left.map(({ name = '', ...rest }) => ({ name, ...rest })) };
  }),
  readVolumeData: stream('read', (read, { isLive, ...request }, signal) => bytePieces(read(gridOf(request), { ...volumeAt(request), isLive }, signal))),
  writeVolumeData: carry('write', VOLUME_WRITTEN, (write, open, signal) => write(gridOf(open), volumeAt(open), signal)),
  moveVolume: ask('move', (move, request) => move(gridOf(request), { ...volumeAt(request), to: request.to }, never)),
  callOffVolumeMove: ask('callOff', (callOff, request) => callOff(gridOf(request), volumeAt(request), never)),
  followVolumeMove: stream('follow', async function* states(follow, request, signal) {
    for await (const { reason = '', bytes, ...state } of follow(gridOf(request), request.slot, signal)) yield { ...state, reason, bytes };
  }),
});

const volumeAt = ({ name, node }: { readonly name: string; readonly node: string }): VolumeAt => ({ name, ...defined({ node: orAbsent(node) }) });
