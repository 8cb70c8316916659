import type { GridCalls } from '../../../ports/index.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const gridCalls = (master: MasterChannel): GridCalls => ({
  create: ({ name, subnet = '', nodePrefix }) => master.ask(ControlService.createGrid, { name, subnet, nodePrefix }),
});
