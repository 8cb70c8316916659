import type { RoleCalls } from '../../../ports/index.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const roleCalls = (master: MasterChannel): RoleCalls => ({
  create: ({ name, allow, stacks = [] }) => master.ask(ControlService.createRole, { name, allow: [...allow], stacks: [...stacks] }),
});
