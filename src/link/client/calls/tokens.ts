import type { Instant } from '../../../model/index.js';
import type { NewToken, TokenCalls } from '../../../ports/index.js';
import { ControlService, type NewToken as WireToken } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const tokenCalls = (master: MasterChannel): TokenCalls => ({
  create: async (grid, { ttlSeconds, labels, uses = 1, node = '' }) => tokenFrom(await master.ask(ControlService.createToken, { grid, ttlSeconds, labels: [...labels], uses, node })),
  createRobot: async (grid, { name = '', role, lifetimeSeconds }) => tokenFrom(await master.ask(ControlService.createRobot, { grid, name, role, lifetimeSeconds })),
});

const tokenFrom = ({ id, token, expiresAtMs }: WireToken): NewToken => ({ id, token, expiresAt: expiresAtMs as Instant });
