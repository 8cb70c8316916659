import type { InstanceCalls, LogQuery } from '../../../ports/index.js';
import { gridOf } from '../../convert/words.js';
import type { ControlServer, LogsRequest } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const instanceCalls = ({ stream, carry }: Serving<InstanceCalls>): Pick<ControlServer, 'logs' | 'forward'> => ({
  logs: stream('logs', (logs, request, signal) => logs(gridOf(request), request.name, logQueryFrom(request), signal)),
  forward: carry('forward', (forward, open, signal) => forward(gridOf(open), { name: open.name, port: open.port }, signal)),
});

const logQueryFrom = ({ tail, follow, since }: LogsRequest): LogQuery => ({
  follow,
  ...(tail === undefined ? {} : { tail }),
  ...(since === '' ? {} : { since }),
});
