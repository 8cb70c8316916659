import type { Instant } from '../../../model/index.js';
import type { TokenCalls } from '../../../ports/index.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const tokenCalls = (master: MasterChannel): TokenCalls => ({
  create: async (grid, { ttlSeconds, labels, uses = 1, node = '' }) => {
    const { id, token, expiresAtMs } = await master.ask(ControlService.createToken, { grid, ttlSeconds, labels: [...labels], uses, node });
    return { id, token, expiresAt: expiresAtMs as Instant };
  },
});
