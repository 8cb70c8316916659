import type { UserCalls } from '../../../ports/index.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const userCalls = (master: MasterChannel): UserCalls => ({
  add: (user) => master.ask(ControlService.addUser, user),
  setPassword: (user) => master.ask(ControlService.setPassword, user),
  changeOwnPassword: (change) => master.ask(ControlService.changeOwnPassword, change),
  disable: (change) => master.ask(ControlService.disableUser, change),
});
