import type { Instant } from '../../../model/index.js';
import type { SessionCalls, Who } from '../../../ports/index.js';
import { ControlService, type WhoResponse } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const sessionCalls = (master: MasterChannel): SessionCalls => ({
  who: async () => whoFrom(await master.ask(ControlService.who, {})),
  end: async () => {
    await master.ask(ControlService.endSession, {});
  },
});

const whoFrom = ({ as, provider, endsAtMs, roles, ...rest }: WhoResponse): Who => ({
  ...rest,
  as: as as Who['as'],
  ...(provider === undefined ? {} : { provider }),
  ...(endsAtMs === undefined ? {} : { endsAt: endsAtMs as Instant }),
  roles: roles.map(({ role, grid }) => ({ role, ...(grid === undefined ? {} : { grid }) })),
});
