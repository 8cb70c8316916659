import type { MemberCalls } from '../../../ports/index.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const memberCalls = (master: MasterChannel): MemberCalls => ({
  add: (grid, { name, role }) => master.ask(ControlService.addMember, { grid, name, role }),
  remove: (grid, { name, role = '' }) => master.ask(ControlService.removeMember, { grid, name, role }),
});
