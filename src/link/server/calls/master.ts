import type { MasterCalls } from '../../../ports/index.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

/** Far below the 4 MB that a message may have. */
const MAX_PIECE_BYTES = 1024 * 1024;

export const masterCalls = ({ ask, stream }: Serving<MasterCalls>): Pick<ControlServer, 'info' | 'backup' | 'rotateAuthority'> => ({
  info: ask('info', (info) => info()),
  backup: stream('backup', async function* (backup, _request, signal) {
    for await (const bytes of backup(signal)) {
      for (let from = 0; from < bytes.length; from += MAX_PIECE_BYTES) yield { bytes: Buffer.from(bytes.subarray(from, from + MAX_PIECE_BYTES)) };
    }
  }),
  rotateAuthority: ask('rotateAuthority', async (rotate, { isEnd, isForced }) => {
    const { fingerprint, behind } = await rotate({ isEnd, isForced });
    return { fingerprint, behind: [...behind] };
  }),
});
