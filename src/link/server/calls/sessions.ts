import type { SessionCalls, Who } from '../../../ports/index.js';
import type { ControlServer, WhoResponse } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const sessionCalls = ({ ask }: Serving<SessionCalls>): Pick<ControlServer, 'who' | 'endSession'> => ({
  who: ask('who', async (who) => whoTo(await who())),
  endSession: ask('end', async (end) => {
    await end();
    return {};
  }),
});

const whoTo = ({ endsAt, groups, roles, ...rest }: Who): WhoResponse => ({ ...rest, groups: [...groups], roles: [...roles], ...(endsAt === undefined ? {} : { endsAtMs: endsAt }) });
