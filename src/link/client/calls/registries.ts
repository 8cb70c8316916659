import type { RegistryCalls } from '../../../ports/index.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const registryCalls = (master: MasterChannel): RegistryCalls => ({
  write: (grid, { host, user, password }) => master.ask(ControlService.writeRegistry, { grid, host, user, password }),
});
