import type { MasterCalls } from '../../../ports/index.js';
import { bytePieces } from '../../convert/pieces.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const masterCalls = ({ ask, stream }: Serving<MasterCalls>): Pick<ControlServer, 'info' | 'backup' | 'rotateAuthority'> => ({
  info: ask('info', (info) => info()),
  backup: stream('backup', (backup, _request, signal) => bytePieces(backup(signal))),
  rotateAuthority: ask('rotateAuthority', async (rotate, { isEnd, isForced }) => {
    const { fingerprint, behind } = await rotate({ isEnd, isForced });
    return { fingerprint, behind: [...behind] };
  }),
});
