import type { InstanceCalls, LogQuery } from '../../../ports/index.js';
import { gridOf } from '../../convert/words.js';
import type { ControlServer, LogsRequest } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';
import { never } from './never.js';

export const instanceCalls = ({ ask, stream, carry }: Serving<InstanceCalls>): Pick<ControlServer, 'logs' | 'forward' | 'checks'> => ({
  logs: stream('logs', (logs, request, signal) => logs(gridOf(request), request.name, logQueryFrom(request), signal)),
  forward: carry('forward', (forward, open, signal) => forward(gridOf(open), { name: open.name, port: open.port }, signal)),
  checks: ask('checks', async (checks, request) => ({ answers: [...(await checks(gridOf(request), request.instance, never)).answers] })),
});

const logQueryFrom = ({ tail, follow, since }: LogsRequest): LogQuery => ({
  follow,
  ...(tail === undefined ? {} : { tail }),
  ...(since === '' ? {} : { since }),
});
