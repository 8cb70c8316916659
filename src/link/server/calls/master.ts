import type { MasterCalls } from '../../../ports/index.js';
import { linesTo, searchFrom } from '../../convert/logs.js';
import { bytePieces } from '../../convert/pieces.js';
import { gridOf } from '../../convert/words.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const masterCalls = ({ ask, stream }: Serving<MasterCalls>): Pick<ControlServer, 'info' | 'backup' | 'rotateAuthority' | 'platformLogs'> => ({
  info: ask('info', (info) => info()),
  backup: stream('backup', (backup, _request, signal) => bytePieces(backup(signal))),
  platformLogs: stream('logs', (logs, request, signal) => linesTo(logs(gridOf(request), searchFrom(request.search), signal))),
  rotateAuthority: ask('rotateAuthority', async (rotate, { isEnd, isForced }) => {
    const { fingerprint, behind } = await rotate({ isEnd, isForced });
    return { fingerprint, behind: [...behind] };
  }),
});
