import type { GridCalls, GridChange } from '../../../ports/index.js';
import { ControlService, type GridChange as WireChange } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const gridCalls = (master: MasterChannel): GridCalls => ({
  create: ({ name, subnet = '', nodePrefix, ...change }) => master.ask(ControlService.createGrid, { name, subnet, nodePrefix, change: changeTo(change) }),
  update: (grid, change) => master.ask(ControlService.updateGrid, { name: grid, change: changeTo(change) }),
});

const changeTo = ({ statsd, defaultAffinity }: GridChange): WireChange => ({ statsd, defaultAffinity: defaultAffinity === undefined ? undefined : { rules: [...defaultAffinity] } });
